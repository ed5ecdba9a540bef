import { runProgram } from '../../src/cli/main.ts';

// `bin/saturnmq.mjs`, but for the build that this file belongs to.
await runProgram('saturnmq', process.argv.slice(2));
