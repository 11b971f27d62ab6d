import { sanitize } from '../shared/sanitize.ts';
import type { AccountView } from '../shared/types.ts';
import type { Session } from '../store/session.ts';

export type SignInKeyOptions = {
  session: Pick<Session, 'host' | 'state'>;
  /** The selected account; null when there is none. */
  account: () => AccountView | null;
  tell: (text: string) => void;
  /** What a person is told of a failure. */
  explain: (error: unknown) => string;
  /** Leaves the screen for it; resolves with the exit code of `account login`, null = it did not begin. */
  signIn: (account: string) => Promise<number | null>;
  /** Asks for the name of a first login, while there is no account at all. */
  askName: (submit: (name: string) => Promise<string>) => void;
};

/** As every program ends that Ctrl-C ended. */
export const gaveUp = 130;

/** Why nobody signs in on this machine; null when somebody can. */
const elsewhere = (name: string, host: string | undefined): string | null =>
  // The login would be made and kept on this machine, where that account is not.
  host === undefined ? null : `sign in on ${sanitize(host, 60)} itself: ccr-tui account login ${name}`;

/** Why nobody signs in to that account on this machine; null when somebody can. */
const refusal = ({ name, kind }: AccountView, host: string | undefined): string | null => {
  if (kind !== 'login') return `${sanitize(name, 60)} is an account of kind ${kind}: nobody signs in to that`;
  return elsewhere(sanitize(name, 60), host);
};

const outcomeOf = (code: number): string => {
  if (code === 0) return 'signed in again';
  return code === gaveUp ? 'the sign-in was given up' : 'nobody has signed in';
};

/**
 * Signs in to the selected login again, or to a first one where there is no account, and tells what came of it; or tells
 * why that is not possible.
 */
export const createSignInKey = ({
  session,
  account,
  tell,
  explain,
  signIn,
  askName,
}: SignInKeyOptions): (() => void) => {
  const first = async (name: string): Promise<string> => {
    const code = await signIn(name);
    if (code === null) return 'another program has the terminal; try again';
    return code === 0 ? `${sanitize(name, 60)}: signed in` : `${sanitize(name, 60)}: ${outcomeOf(code)}`;
  };
  const press = async (): Promise<void> => {
    if (session.state().demo === true) {
      // The login would be made with the real provider, and kept in the real home.
      return tell('this is a demo: nobody can sign in to it; leave it and start ccr-tui');
    }
    const selected = account();
    if (selected === null) {
      const refused = elsewhere('NAME', session.host);
      return refused === null ? askName(first) : tell(refused);
    }
    const refused = refusal(selected, session.host);
    if (refused !== null) return tell(refused);
    try {
      const code = await signIn(selected.name);
      if (code !== null) tell(`${sanitize(selected.name, 60)}: ${outcomeOf(code)}`);
    } catch (error) {
      tell(explain(error));
    }
  };
  return () => void press();
};
