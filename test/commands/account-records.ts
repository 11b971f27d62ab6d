import { openDocument } from '../../source/config/document.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { asEpoch, type AccountRecord } from '../../source/shared/types.ts';
import { accountRecord as sampleAccount } from '../kit/records.ts';

/** 2026-11-20, noon. */
export const now = asEpoch(Date.UTC(2026, 10, 20, 12));

/** One that was made an hour ago. */
export const accountRecord = (name: string, changes: Partial<AccountRecord> = {}): AccountRecord =>
  sampleAccount(name, { createdAt: asEpoch(now - 3_600_000), ...changes });

/** Puts records without secrets into the settings of that home. */
export const writeAccounts = async (home: string, records: readonly AccountRecord[]): Promise<void> => {
  await openDocument(resolvePaths({ CCR_TUI_HOME: home })).updateAccounts(() => records);
};

export const readAccounts = (home: string): AccountRecord[] =>
  loadSettings({ paths: resolvePaths({ CCR_TUI_HOME: home }), env: {} }).accounts;
