import { suite } from '../../support/suite.ts';
import { runChaos } from './chaos.ts';

const test = suite('chaos');
const KILLS = 100;

test('a hundred deaths under embedded load', () => runChaos(KILLS), 1_800_000);
