// The soak's client on the network: a process of its own, so that its memory and its delays are not the application's.
import { startLoad } from './load.ts';

const [namesrvAddr = '', topic = '', rate = '0'] = process.argv.slice(2);
const load = await startLoad({ namesrvAddr }, topic, Number(rate));
process.send?.('started');
process.once('message', () => {
  void load.stop().then((counts) => process.send?.(counts, () => process.disconnect()));
});
