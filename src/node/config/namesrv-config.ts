import { join } from 'node:path';
import type { PropertyTable } from './property.ts';
import { computed, flag, text } from './property.ts';

/** Keys of NamesrvConfig. @source rocketmq 4.9.2 common/namesrv/NamesrvConfig.java */
export const NAMESRV_CONFIG = {
  rocketmqHome: text(
    computed(
      '$ROCKETMQ_HOME, else this package',
      (facts) => facts.environment['ROCKETMQ_HOME'] || facts.packageFolder,
    ),
    'Folder of the installation; need not be set.',
    'works',
  ),
  kvConfigPath: text(
    computed('$HOME/namesrv/kvConfig.json', ({ home }) => join(home, 'namesrv', 'kvConfig.json')),
    'File of the key-value configuration.',
    'works',
  ),
  configStorePath: text(
    computed('$HOME/namesrv/namesrv.properties', ({ home }) =>
      join(home, 'namesrv', 'namesrv.properties'),
    ),
    'File that changes made at run time are saved to; the -c file where one is given.',
    'works',
  ),
  productEnvName: text('center', 'Name of the environment, for clusterTest.'),
  clusterTest: flag(false, "Look topics up in another environment's name server."),
  orderMessageEnable: flag(false, 'Tell clients the queues of ordered topics.', 'works'),
} satisfies PropertyTable;
