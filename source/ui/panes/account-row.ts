import type { AccountId, AccountView, EpochMs } from '../../shared/types.ts';
import { cell, type Cell } from '../line.ts';
import type { Theme } from '../theme.ts';
import { looks } from './account-look.ts';

/**
 * Of which windows there are lines below a row: of none, of those that it has no place for, of all; or of all with
 * everything else that is known.
 */
export type Facts = 'none' | 'hidden' | 'all' | 'everything';

/** What is the same for the rows of a pane. */
export type AccountPlace = {
  width: number;
  /** Index of the selected account; -1 marks none. */
  selected: number;
  next: AccountId | null;
  now: EpochMs;
  /** Default `none`. */
  facts?: Facts;
};

/** An account, and whether it is marked. */
export type Row = { account: AccountView; selected: boolean; next: boolean };

export const rowsOf = (accounts: readonly AccountView[], { selected, next }: AccountPlace): Row[] =>
  accounts.map((account, index) => ({
    account,
    selected: index === selected,
    next: account.id === next,
  }));

/** Mark of the selection, mark of the account that is preferred or next, glyph of the state. */
export const markCell = ({ glyphs }: Theme, { account, selected, next }: Row): Cell => {
  const look = looks[account.state];
  const place = account.preferred === true ? glyphs.preferred : next ? glyphs.next : ' ';
  const marks = (selected ? glyphs.select : ' ') + place;
  return cell(marks + glyphs[look.glyph], look.tone);
};
