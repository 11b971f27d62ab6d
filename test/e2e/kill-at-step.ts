/**
 * A module for `--import` that ends the process by SIGKILL at the n-th call that changes something on disk (1 = before
 * the first): before the call happens, or, for a write, when half of it is out.
 */
export const killAtStep = (step: number): string =>
  `--import=data:text/javascript,${encodeURIComponent(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    let left = ${step};
    const real = fs.writeSync;
    const die = () => { process.kill(process.pid, 'SIGKILL'); for (;;); };
    const changes = (name, args) => name !== 'openSync' || args[1] !== 'r' && typeof args[1] !== 'number';
    for (const name of ['openSync', 'writeSync', 'fchmodSync', 'fchownSync', 'chmodSync', 'fsyncSync', 'renameSync',
      'mkdirSync', 'rmSync', 'rmdirSync', 'unlinkSync', 'mkdir', 'rmdir']) {
      const call = fs[name];
      fs[name] = (...args) => {
        if (changes(name, args) && (left -= 1) === 0) {
          // Bytes or, from conf, a text.
          if (name === 'writeSync') real(args[0], args[1].slice(0, args[1].length / 2));
          die();
        }
        return call(...args);
      };
    }
    syncBuiltinESMExports();
  `)}`;
