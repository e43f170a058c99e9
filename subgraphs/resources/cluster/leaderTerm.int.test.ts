import { expect, test } from 'vitest';
import type { Commands } from '../../../platform/command/commands.js';
import { createCommands } from '../../../platform/command/commands.js';
import { createObserve } from '../instance/instance.observer.js';
import { createNodeRecorder } from '../node/node.recorder.js';
import { CLUSTER, demoNodes, people, requested, startResources } from '../resources.fixture.js';
import { commandsOfTerm } from './commandsOfTerm.js';

async function arrange() {
  const harness = await startResources();
  const { database } = harness;
  const { store } = harness.app.spine;
  const commands: Commands = createCommands(database, store);
  const { instance } = await requested(harness.as(people.researcher));
  return {
    id: instance.id,
    types: async (id: string) => (await store.readStream(id)).map(({ type }) => type),
    /** What a leader of that term may tell. */
    inTerm(term: number) {
      const ofTerm = { database, store, commands: commandsOfTerm(commands, CLUSTER, term) };
      const recorder = createNodeRecorder(ofTerm, { id: CLUSTER, provider: 'kubernetes', region: null });
      return { ...recorder, observe: createObserve(ofTerm) };
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
}

const tooLate = expect.objectContaining({ name: 'OlderTermError' });

test('once another leads, nothing that the leader before has seen is recorded', async () => {
  await using world = await arrange();
  const [former, successor] = [world.inTerm(7), world.inTerm(8)];
  await former.recordLead(7);
  await former.observe(world.id, [{ type: 'podCreated', podUid: 'first' }]);
  const before = await world.types(world.id);
  expect(before).toContain('InstancePodCreated');

  await successor.recordLead(8);
  await expect(former.observe(world.id, [{ type: 'podReady', endpoints: [] }])).rejects.toEqual(tooLate);
  await expect(former.recordNodes(demoNodes.slice(1))).rejects.toEqual(tooLate);
  await expect(former.recordLead(7)).rejects.toEqual(tooLate);
  expect(await world.types(world.id)).toEqual(before);

  await successor.observe(world.id, [{ type: 'podReady', endpoints: [] }]);
  expect(await world.types(world.id)).toContain('InstanceRunning');
});

test('a term is told once, however often its leader begins', async () => {
  await using world = await arrange();
  const leader = world.inTerm(7);
  await leader.recordLead(7);
  await leader.recordLead(7);
  const changes = (await world.types(CLUSTER)).filter((type) => type === 'ClusterLeaderChanged');
  expect(changes).toHaveLength(1);
});
