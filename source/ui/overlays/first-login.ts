import type { Dialog, DialogContext } from '../dialog.ts';
import { withKey } from '../keymap.ts';
import { openAskLine } from './ask-line.ts';
import { suggestName } from './suggest-name.ts';

// It becomes a word of a command line, so nothing else may be sent; the command itself checks it again.
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/;

/** What is wrong with the name of a new account; null when it is one. */
export const nameProblem = (name: string): string | null =>
  namePattern.test(name) ? null : 'up to 64 letters, digits and . _ @ + -, beginning with a letter or digit';

/** Asks for the name of a first Claude login; `submit` leaves the screen for it, and resolves with what came of it. */
export const openFirstLogin = (context: DialogContext, submit: (name: string) => Promise<string>): Dialog =>
  openAskLine(context, {
    title: 'Sign in to a Claude login',
    text: `The sign-in is in your browser. Before it you read what the terms of the provider say about logins, and are asked for a yes; an API key${withKey(context.keys, 'account.add', (key) => ` (${key})`)} needs none. Then you are back here.`,
    label: 'name',
    initial: suggestName([]),
    enter: 'sign in',
    check: nameProblem,
    submit,
  });
