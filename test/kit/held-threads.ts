import { existsSync, writeFileSync } from 'node:fs';

/** The environment of a program whose threads do not begin before `letGo` is called: `file` must not be there yet. */
export const heldThreads = (file: string): { env: Record<string, string>; letGo(): void } => {
  if (existsSync(file)) throw new Error(`${file} is there already`);
  const script = `
    import { existsSync } from 'node:fs';
    import { isMainThread } from 'node:worker_threads';
    const look = (done) => (existsSync(${JSON.stringify(file)}) ? done() : setTimeout(look, 5, done));
    if (!isMainThread) await new Promise(look);`;
  const preload = `data:text/javascript,${encodeURIComponent(script)}`;
  return { env: { NODE_OPTIONS: `--import=${preload}` }, letGo: () => writeFileSync(file, '') };
};
