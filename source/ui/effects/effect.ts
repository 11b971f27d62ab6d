import type { Session } from '../../store/session.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import type { Looking } from '../dispatch.ts';
import type { Look } from '../look.ts';
import type { PromptAsk } from '../prompt.ts';
import type { SignInKeyOptions } from '../sign-in-key.ts';
import type { Switches } from '../switches.ts';
import type { Undos } from '../undo.ts';
import type { Place } from '../view.ts';

/** How an action was asked for: by a key of that name, or with an argument; with neither by a menu. */
export type Asked = { key?: string; argument?: string };

/** Carries one action out at once, or begins to. */
export type Effect = (asked: Asked) => void;

/** The effects of one area, by the name of their action in the table. */
export type Effects = Readonly<Record<string, Effect>>;

/** What the effect of an action may do: what a dialog may, and more of the screen. */
export type EffectContext = Omit<DialogContext, 'close' | 'perform'> &
  Pick<SignInKeyOptions, 'signIn' | 'explain'> & {
    /** Leaves the screen for a demo; resolves with its exit code, null = it did not begin. */
    demo(): Promise<number | null>;
    session: Session;
    /** How the screen was asked to look at its start. */
    look: Look;
    /** What the person looks at; effects change it. */
    looking: Looking;
    /** How the screen is divided now. */
    place(): Place;
    /** One step of the view, as `stepView` does it. */
    step(action: string): void;
    switches: Switches;
    /** What can be taken back. */
    undos: Undos;
    /** Opens a dialog; nothing opens for null. */
    open(make: (context: DialogContext) => Dialog | null): void;
    /** Opens a prompt at the foot of the screen, in place of one that is open. */
    ask(question: PromptAsk): void;
    /** Does what the table calls by that name: the one way in, for keys, menus and prompts. */
    perform(action: string, asked?: Asked): void;
  };
