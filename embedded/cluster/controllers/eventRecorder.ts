import { createHash } from 'node:crypto';
import { events } from '../resources.js';
import { seconds } from '../api/time.js';
import type { Registry } from '../api/registry.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';

/** What happened to an object, for people. Repeats of the same are counted in one event. */
export type RecordEvent = (
  about: KubeObject,
  event: { type?: 'Normal' | 'Warning'; reason: string; message: string },
) => void;

export function createEventRecorder(registry: Registry, component: string): RecordEvent {
  return (about, { type = 'Normal', reason, message }) => {
    const { apiVersion, kind } = about;
    const { name, namespace, uid } = about.metadata;
    const home = namespace ?? 'default';
    const key = createHash('sha256')
      .update([kind, uid, reason, message, component].join('\n'))
      .digest('hex')
      .slice(0, 16);
    const eventName = `${name}.${key}`;
    const now = seconds(registry.now());
    const known = registry.find(events, home, eventName);
    if (known) {
      registry.update(
        events,
        { ...known, count: (known.count ?? 0) + 1, lastTimestamp: now },
        { manager: component },
      );
      return;
    }
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: eventName, namespace: home },
      involvedObject: { apiVersion, kind, name, uid, ...(namespace !== undefined && { namespace }) },
      type,
      reason,
      message,
      source: { component },
      reportingComponent: component,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    registry.create(events, event, { manager: component });
  };
}
