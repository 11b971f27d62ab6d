import { jsonOption, type Action, type Option } from './action.ts';

const passphrase: Option = {
  name: 'passphrase',
  value: null,
  help: 'lock it with a passphrase: typed without echo, or one line on stdin',
};
const kdf: Option = {
  name: 'kdf',
  value: 'NAME',
  help: 'how keys come from it: scrypt (default) or argon2id (Node.js 24.7)',
};

/** What can be done with the places that keep secrets. */
export const vaultActions: readonly Action[] = [
  {
    name: 'backup',
    help: 'write settings, accounts and secrets into one encrypted file',
    cli: {
      words: ['backup'],
      args: ['FILE'],
      options: [],
      examples: ['ccr-tui backup ccr-tui.backup', 'ccr-tui backup ccr-tui.backup --passphrase-file pass.txt'],
    },
  },
  {
    name: 'restore',
    help: 'take settings, accounts and secrets from a backup',
    cli: {
      words: ['restore'],
      args: ['FILE'],
      options: [{ name: 'force', value: null, help: 'replace the settings and accounts that are there' }],
      examples: ['ccr-tui restore ccr-tui.backup', 'ccr-tui restore ccr-tui.backup --force'],
    },
  },
  {
    name: 'vault.init',
    help: 'make an encrypted vault for secrets, before the first one does',
    cli: {
      words: ['vault', 'init'],
      args: [],
      options: [passphrase, kdf],
      examples: ['ccr-tui vault init --passphrase', 'ccr-tui vault init --passphrase-file pass.txt'],
    },
  },
  {
    name: 'vault.passwd',
    help: 'lock the vault with another passphrase',
    cli: {
      words: ['vault', 'passwd'],
      args: [],
      options: [
        {
          name: 'new-passphrase-file',
          value: 'PATH',
          help: 'file with the new one; otherwise it is asked for',
        },
        { name: 'no-passphrase', value: null, help: 'open it with a random key in a file beside it instead' },
        kdf,
      ],
      examples: ['ccr-tui vault passwd', 'ccr-tui vault passwd --new-passphrase-file new.txt'],
    },
  },
  {
    name: 'vault.unlock',
    help: 'give the running instance the passphrase of the vault',
    cli: { words: ['vault', 'unlock'], args: [], options: [], examples: ['ccr-tui vault unlock'] },
  },
  {
    name: 'vault.rotate',
    help: 'encrypt the vault with a new key; what opens it stays the same',
    cli: { words: ['vault', 'rotate'], args: [], options: [], examples: ['ccr-tui vault rotate'] },
  },
  {
    name: 'vault.move',
    help: 'move every secret to the keychain or the vault',
    cli: {
      words: ['vault', 'move'],
      args: [],
      options: [{ name: 'to', value: 'STORE', help: 'keychain or vault' }, jsonOption],
      examples: ['ccr-tui vault move --to keychain', 'ccr-tui vault move --to vault'],
    },
  },
];
