// One entry of the table of everything a person can ask for.

export type Option = {
  /** Long name without dashes. */
  name: string;
  /** Placeholder of its value, or null for a switch. */
  value: string | null;
  help: string;
};

/** What most commands take that print what they know or have made. */
export const jsonOption: Option = { name: 'json', value: null, help: 'print JSON' };

export type Pane = 'accounts' | 'requests' | 'log';

/** The heading in the help under which a key stands. */
export type KeyGroup = 'move' | 'panes' | 'accounts' | 'requests' | 'program';

/** What an action can be told to act on, which the key takes from the selection or asks for. */
export type ActionArgument = 'account' | 'strategy' | 'filter' | 'theme' | 'range';

export type Action = {
  /** Stable name, `noun.verb`. */
  name: string;
  /** What it does, one line. */
  help: string;
  /** As a subcommand; absent = only a key. */
  cli?: {
    /** The words behind `ccr-tui`; empty for the program itself. */
    words: readonly string[];
    /** Positional arguments as shown in the usage line; `NAME` is required, `[NAME]` optional, `...` takes the rest. */
    args: readonly string[];
    options: readonly Option[];
    examples: readonly string[];
  };
  /** On the screen; absent = only a subcommand. */
  screen?: {
    /** As a person names them: `j`, `down`, `tab`, `ctrl+c`. */
    keys: readonly string[];
    group: KeyGroup;
    where: Pane | 'all';
    /** Short text for the footer, which may say more exactly what the key does now; null = only in the help overlay. */
    footer: string | null;
    /** What the key does, where that is less than what the command does. */
    help?: string;
    /** What a command prompt may name behind the action; without it the selection is taken. */
    argument?: ActionArgument;
    /** It changes something of the instance; a screen that may only read refuses it. */
    changes?: true;
  };
};
