import type { KeyLimits } from '../shared/client-key.ts';
import type { Secret } from '../shared/secret.ts';

/**
 * What only the program around the screen can do, since it touches the disk or other programs. What is absent does not work
 * here, as with a screen on another machine; the key for it says where it does.
 */
export type Outside = {
  /** Writes a new file that only its owner can read, and resolves with its path. Rejects with a CcrError. */
  saveFile?(name: string, content: string): Promise<string>;
  /** The version of this program, for what it writes. */
  version?(): string;
  /** The terminal is known to take nothing into its clipboard. */
  withoutClipboard?: true;
  clientKeys?: ClientKeyMaker;
  imports?: Imports;
  connectsClient?: ConnectsClient;
};

export type ClientKeyMaker = {
  /** A key for clients that opens nothing yet. */
  mint(): Secret;
  /**
   * The limits that are given as for `key create`, by the names of its options; none where nothing is given. Throws a CcrError
   * that names the option.
   */
  limits(given: Readonly<Record<string, string>>): KeyLimits;
};

/** An account of another tool, and what becomes of it here. All of its texts are outside text. */
export type ImportRow = {
  name: string;
  kind: string;
  action: 'add' | 'update' | 'skip' | 'failed';
  /** Why it is not added, or why it is renewed; null when there is nothing to say. */
  reason: string | null;
  notes: readonly string[];
};

/** What an import would do, or has done. All of its texts are outside text. */
export type ImportPlan = {
  /** Where the accounts are read. */
  path: string;
  rows: readonly ImportRow[];
  /** What cannot be taken over, and why: a sentence each. */
  left: readonly string[];
  /** What there is to say besides. */
  notes: readonly string[];
  /** What a person reads and says yes to before it is carried out; null when no yes is needed. */
  consent: readonly string[] | null;
};

/** Takes accounts over from other tools of this machine. Each call rejects with a CcrError. */
export type Imports = {
  sources(): Promise<readonly { from: string; title: string }[]>;
  /** What would become of what is there; changes nothing. */
  plan(from: string): Promise<ImportPlan>;
  /** `accepted`: a person has said yes to the consent text. */
  carryOut(from: string, accepted: boolean): Promise<ImportPlan>;
};

/** What is written into the settings of a client. All of its texts are outside text. */
export type ClientChange = {
  path: string;
  url: string;
  changed: boolean;
  /** There was no such file. */
  created: boolean;
  notes: readonly string[];
  /** Every key in it is masked; null when nothing changes, or has changed already. */
  diff: string | null;
};

/** Points Claude Code at the proxy by its settings. Each call rejects with a CcrError. */
export type ConnectsClient = {
  /** What would change; changes nothing. */
  look(): Promise<ClientChange>;
  carryOut(): Promise<ClientChange>;
};
