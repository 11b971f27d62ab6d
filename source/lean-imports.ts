import { registerHooks, type ResolveHookSync } from 'node:module';

// What Ink 8 loads and does not need for a first frame costs a quarter of the program's start (measured):
//  - es-toolkit/compat, 415 files, for its `throttle` alone. The package has that one by itself, too.
//  - Node's fetch, which is loaded when it is called: yoga reads its own WebAssembly with it, out of a data: address. Where
//    there is no fetch it decodes that text itself.

const whole = 'es-toolkit/compat';
const alone = 'es-toolkit/compat/throttle';

/** Ink's import of the whole library becomes one of what it uses; a library without that file is left as it is. */
export const onlyThrottle: ResolveHookSync = (specifier, context, next) => {
  if (specifier !== whole || context.parentURL?.endsWith('/ink/build/ink.js') !== true) {
    return next(specifier, context);
  }
  try {
    const { url } = next(alone, context);
    const source = `export { default as throttle } from ${JSON.stringify(url)};`;
    return {
      url: `data:text/javascript,${encodeURIComponent(source)}`,
      format: 'module',
      shortCircuit: true,
    };
  } catch {
    return next(specifier, context);
  }
};

/** Runs this import of Ink without what it does not need. Nothing in this thread may call fetch meanwhile. */
export const leanly = async <Loaded>(load: () => Promise<Loaded>): Promise<Loaded> => {
  const hooks = registerHooks({ resolve: onlyThrottle });
  const fetch = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  Reflect.deleteProperty(globalThis, 'fetch');
  try {
    return await load();
  } finally {
    if (fetch) Object.defineProperty(globalThis, 'fetch', fetch);
    hooks.deregister();
  }
};
