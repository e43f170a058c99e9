import type { ObservedNode } from '../../../contracts/resources.events.js';
import { gpuIdOf, nodeIdOf } from '../node/node.js';
import type { Scraped } from './scraper.js';

/** The vendor's ids of a cluster's devices, which only their exporters tell. */
export function createUuids(clusterId: string) {
  const uuidByGpu = new Map<string, string>();
  return {
    /** Whether there was anything new. */
    learn(scraped: Scraped): boolean {
      const news = scraped.filter(({ gpuId, uuid }) => uuid !== null && uuidByGpu.get(gpuId) !== uuid);
      for (const { gpuId, uuid } of news) if (uuid !== null) uuidByGpu.set(gpuId, uuid);
      return news.length > 0;
    },
    addTo: (nodes: readonly ObservedNode[]): ObservedNode[] =>
      nodes.map((node) => ({
        ...node,
        devices: node.devices.map((device) => ({
          ...device,
          uuid: uuidByGpu.get(gpuIdOf(nodeIdOf(clusterId, node.name), device.index)) ?? device.uuid,
        })),
      })),
  };
}
