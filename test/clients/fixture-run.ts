import { runProgram } from '../../source/clients/run-program.ts';

// Runs a program as `ccr-tui run` does, in a process of its own that can be signalled.
const [interactive, command = '', ...args] = process.argv.slice(2);
const env = { PATH: process.env.PATH ?? '' };
process.exit(await runProgram({ command, args, env, interactive: interactive === 'interactive' }));
