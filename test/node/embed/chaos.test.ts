import { suite } from '../../support/suite.ts';
import { runChaos } from './chaos.ts';

const test = suite('chaos');
const KILLS = 5;

test(
  'a broker whose thread dies under embedded load loses nothing that it acknowledged, and settles every send',
  () => runChaos(KILLS),
  240_000,
);
