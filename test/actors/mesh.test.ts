import * as assert from 'uvu/assert';
import { type LinkMemory, Presence } from '../../src/actors/links.ts';
import { type Endpoint, Mesh, threadMemory } from '../../src/actors/mesh.ts';
import { suite } from '../support/suite.ts';

const test = suite('actors/mesh');

const endpoint = (name: string) => {
  const links = new Map<string, LinkMemory>();
  const gone: string[] = [];
  const point: Endpoint = {
    name,
    ...threadMemory(),
    connect: (link) => void links.set(link.shard, link),
    disconnect: (shard) => void gone.push(shard),
  };
  return { point, links, gone };
};

test('each pair of threads has a ring in each direction, and both sides mean the same one', () => {
  const mesh = new Mesh(1024);
  const members = ['a', 'b', 'c'].map(endpoint);
  for (const { point, links } of members) {
    for (const link of mesh.add(point)) links.set(link.shard, link);
  }
  const rings = new Set<SharedArrayBuffer>();
  for (const one of members) {
    for (const other of members) {
      if (one === other) continue;
      const mine = one.links.get(other.point.name);
      const theirs = other.links.get(one.point.name);
      assert.ok(mine !== undefined && mine.outgoing === theirs?.incoming);
      assert.is(mine?.doorbell, other.point.doorbell);
      assert.is(mine?.presence, other.point.presence);
      if (mine !== undefined) rings.add(mine.outgoing);
    }
  }
  assert.is(rings.size, 6);
});

test('a dead thread is absent before its peers are told, and its successor has new rings', () => {
  const mesh = new Mesh(1024);
  const a = endpoint('a');
  const dead = endpoint('b');
  mesh.add(a.point);
  mesh.add(dead.point);
  const presence = new Presence(dead.point.presence);
  presence.set(true);
  const before = a.links.get('b');
  mesh.remove('b');
  assert.not(presence.isServing);
  assert.equal(a.gone, ['b']);
  mesh.remove('b');
  assert.equal(a.gone, ['b']);
  mesh.add(endpoint('b').point);
  assert.is.not(a.links.get('b')?.outgoing, before?.outgoing);
});
