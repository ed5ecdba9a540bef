import { equal, is, ok } from 'uvu/assert';
import { seededRandom } from '../../src/base/index.ts';
import { PublishRoutes } from '../../src/client/publish-route.ts';
import type { TopicRoute } from '../../src/client/topic-route.ts';
import { suite } from '../support/suite.ts';

const test = suite('publish-route');

const routeOf = (topic: string, brokerNames: string[], queueNums = 2): TopicRoute => ({
  topic,
  queueDatas: brokerNames.map((brokerName) => ({
    brokerName,
    perm: 6,
    readQueueNums: queueNums,
    writeQueueNums: queueNums,
    topicSysFlag: 0,
  })),
  brokerDatas: brokerNames.map((brokerName) => ({
    brokerName,
    cluster: 'C',
    brokerAddrs: new Map([[0, `${brokerName}:1`]]),
  })),
  isTemplate: false,
});
const create = () => new PublishRoutes(seededRandom(1));

test('queues come in turn with the address of their master, each topic by itself', () => {
  const routes = create();
  const [one, two] = [routeOf('T', ['a', 'b']), routeOf('U', ['a'])];
  const picked = Array.from({ length: 4 }, () => routes.of(one).next());
  is(new Set(picked).size, 4);
  for (const chosen of picked) is(chosen?.address, `${chosen?.queue.brokerName}:1`);
  const first = routes.of(two).next();
  equal(
    picked.map(() => routes.of(one).next()),
    picked,
  );
  is(routes.of(two).next()?.queue.queueId, 1 - (first?.queue.queueId ?? 0));
});

test('the avoided broker is passed over while there is another', () => {
  const publish = create().of(routeOf('T', ['a', 'b']));
  for (let index = 0; index < 8; index++) is(publish.next('a')?.queue.brokerName, 'b');
  is(
    create()
      .of(routeOf('T', ['a']))
      .next('a')?.queue.brokerName,
    'a',
  );
});

test('a new route of a topic is used at once, and the turn goes on', () => {
  const routes = create();
  const before = routes.of(routeOf('T', ['a'], 4));
  const { queue } = before.next() ?? { queue: undefined };
  const after = routes.of(routeOf('T', ['a'], 4));
  ok(after !== before);
  is(after.next()?.queue.queueId, ((queue?.queueId ?? 0) + 1) % 4);
});

test('of no queues there is none to take, and a named one needs a master', () => {
  is(create().of(routeOf('T', [])).next(), undefined);
  const publish = create().of(routeOf('T', ['a']));
  is(publish.at({ topic: 'T', brokerName: 'a', queueId: 9 })?.address, 'a:1');
  is(publish.at({ topic: 'T', brokerName: 'x', queueId: 0 }), undefined);
});
