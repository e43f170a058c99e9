// The exporters of many nodes, in a process of their own, so that their work is not counted. Sends their ports.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { exporterText } from '../../dist/embedded/cluster/metrics/exporterText.js';
import { readGpu, traitsOf } from '../../dist/embedded/cluster/metrics/gpuLoad.js';

const NODES = Number(process.argv[2]);
const GPUS = 8;
const MEMORY_MIB = 81_559;

function answer(node) {
  const nowMs = Date.now();
  const gpu = (index) => ({
    index,
    uuid: `GPU-00000000-0000-0000-${String(node).padStart(4, '0')}-${String(index).padStart(12, '0')}`,
    model: 'NVIDIA H100 80GB HBM3',
    host: `h100-${node}`,
    memoryMiB: MEMORY_MIB,
    memoryClockMhz: 2619,
    energyMj: nowMs,
    pod: null,
    reading: readGpu(
      traitsOf('hopper'),
      MEMORY_MIB,
      { seed: String(node), runningMs: 60_000 },
      { id: `${node}/${index}`, nowMs },
    ),
  });
  return exporterText(Array.from({ length: GPUS }, (_, index) => gpu(index)));
}

const ports = [];
for (let node = 0; node < NODES; node += 1) {
  const server = createServer((_request, response) => response.end(answer(node)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ports.push(server.address().port);
}
process.send(ports);
process.once('disconnect', () => process.exit());
