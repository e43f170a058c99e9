/** Listens on a free port of loopback and says which. */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

/** Answers the parent's question for the CPU time spent so far, in microseconds. */
export function reportCpu() {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuMicros: user + system, residentMib: Math.round(process.memoryUsage.rss() / 2 ** 20) });
  });
  process.on('disconnect', () => process.exit());
}
