// The program that talks to the native keychain, one process away from ours. A Secret Service that waits for a dialog
// blocks a thread of libuv's pool without limit, and a process with such a thread cannot even exit (libuv joins its
// threads): here it can be killed. What crosses is in keychain-calls.ts; nothing is on the command line.

import type { KeychainAnswer, KeychainRequest, KeychainValue } from './keychain-calls.ts';

type Keytar = {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
  findCredentials(service: string): Promise<{ account: string; password: string }[]>;
};

const load = async (): Promise<Keytar> => {
  const module: unknown = await import('keytar');
  // CommonJS: the functions are on `default` where Node cannot see them as named exports.
  const { default: inner } = module as { default?: Keytar };
  return inner ?? (module as Keytar);
};

const act = async (keytar: Keytar, request: KeychainRequest): Promise<KeychainValue> => {
  const { service } = request;
  if (request.call === 'list') return (await keytar.findCredentials(service)).map((entry) => entry.account);
  const { account } = request;
  if (request.call === 'get') return keytar.getPassword(service, account);
  if (request.call === 'delete') return keytar.deletePassword(service, account);
  await keytar.setPassword(service, account, request.password);
  return true;
};

const answer = async (request: KeychainRequest): Promise<KeychainAnswer> => {
  const { id } = request;
  let loaded = false;
  try {
    const keytar = await load();
    loaded = true;
    return { id, ok: true, value: await act(keytar, request) };
  } catch (error) {
    return { id, ok: false, loaded, message: error instanceof Error ? error.message : String(error) };
  }
};

process.on('message', (request: KeychainRequest) => {
  void answer(request).then((result) => process.send?.(result));
});
// Ours to end, not the terminal's: Ctrl-C goes to every process of the group.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
// A plain exit would wait for a call that hangs.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
