import { basename, dirname, resolve } from 'node:path';
import { nearest } from '../../config/nearest.ts';
import type { Environment } from '../../shared/environment.ts';
import { CcrError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/sanitize.ts';
import {
  claudeCodeDocument,
  claudeCodeFolder,
  loginInCredentials,
  planInCredentials,
} from '../claude-code-store.ts';
import { loginText } from '../login.ts';
import { plainAccount, type ImportedAccount, type ToolContent } from './imported-account.ts';
import { findStore, isToolName, tools } from './tools.ts';

/** A place that accounts can be taken over from, read once. */
export type ImportSource = {
  /** As it is named on the command line. */
  from: string;
  title: string;
  /** The file, or the folder of the Claude Code. */
  path: string;
  content: ToolContent;
  /** Empties plain copies; null for one that goes on using them. Throws `failed`. */
  blank: ((accounts: readonly ImportedAccount[]) => void) | null;
};

export type SourceOptions = { from: string; path: string | null; env: Environment };

const claudeCode = 'claude-code';

export const importSourceNames: readonly string[] = [claudeCode, ...Object.keys(tools)];

const nothing = (title: string, where: string, hint: string): CcrError =>
  new CcrError('nothing_to_import', `${title} has nothing to take over${where}`, { hint });

/** `~/.claude-work` is `claude-work`; the usual folder has the name of the program. */
const nameOf = (folder: string): string => {
  const name = basename(folder).replace(/^\.+/, '');
  return name === 'claude' || name === '' ? claudeCode : name;
};

const readClaudeCode = async ({ path, env }: SourceOptions): Promise<ImportSource> => {
  const given = path === null ? claudeCodeFolder(env) : resolve(path);
  const folder = basename(given) === '.credentials.json' ? dirname(given) : given;
  const document = claudeCodeDocument(folder);
  const text = await document.read();
  const login = text === null ? null : loginIn(document.name, text);
  if (text === null || login === null) {
    throw nothing(
      'Claude Code',
      ` in ${folder}`,
      'sign in with claude first, or name its folder with --path',
    );
  }
  const account: ImportedAccount = {
    ...plainAccount,
    name: nameOf(folder),
    kind: 'login',
    secret: loginText(login),
    sourceId: folder,
    plan: planInCredentials(text),
  };
  const content = { accounts: [account], left: [] };
  return { from: claudeCode, title: 'Claude Code', path: folder, content, blank: null };
};

const loginIn = (name: string, text: string) => {
  try {
    return loginInCredentials(text);
  } catch (error) {
    throw new CcrError('failed', `${name} is not valid JSON`, {
      hint: 'sign in with claude again',
      cause: error,
    });
  }
};

const readTool = ({ from, path, env }: SourceOptions): ImportSource => {
  if (!isToolName(from)) {
    const near = nearest(from, importSourceNames);
    throw new CcrError('usage', `accounts cannot be taken over from ${sanitize(from, 60)}`, {
      hint: near === null ? `use one of ${importSourceNames.join(', ')}` : `did you mean ${near}?`,
    });
  }
  const tool = tools[from];
  const found = path === null ? findStore(tool, env) : resolve(path);
  if (found === null) {
    const places = tool.places(env).join(' or ');
    throw nothing(tool.title, `: there is no ${places}`, 'name its store with --path');
  }
  const content = tool.read(found, env);
  if (content.accounts.length + content.left.length === 0) {
    throw nothing(tool.title, ` in ${found}`, 'name another store with --path');
  }
  return { from, title: tool.title, path: found, content, blank: (accounts) => tool.blank(found, accounts) };
};

/**
 * What that source holds. Rejects with `usage` for one that is not known, `nothing_to_import` for one that is not there or is
 * empty, else as its store does.
 */
export const readImportSource = async (options: SourceOptions): Promise<ImportSource> =>
  options.from === claudeCode ? readClaudeCode(options) : readTool(options);
