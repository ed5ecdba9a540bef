import { runProgram } from '../../../src/cli/main.ts';

// `bin/saturnmq.mjs`, but for the build that is tested.
await runProgram('saturnmq', process.argv.slice(2));
