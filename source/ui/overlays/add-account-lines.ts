import { sanitize } from '../../shared/sanitize.ts';
import { keyedKinds } from '../../shared/types.ts';
import type { Size } from '../layout.ts';
import { paragraph, titleLine } from '../line.ts';
import type { Theme } from '../theme.ts';
import { fieldsOf, type AddForm, type FormFieldName, type FormProblem } from './add-account-form.ts';
import { drawText, formRow } from './form-row.ts';

export type DrawnForm = {
  form: AddForm;
  /** Characters of the key; nothing else of it is known here. */
  keyLength: number;
  problem: FormProblem | null;
  /** The key is on its way. */
  storing: boolean;
};

const kindHints = {
  'api-key': 'a key of the Claude Console (sk-ant-api…)',
  compatible: 'a key of another provider that speaks the Anthropic API',
} as const;

/** This form takes keys alone: a login needs its notice, and a browser. */
const elsewhere = 'A Claude login of yours: ccr-tui account login NAME, in a shell.';

const hintOf = ({ form, storing }: DrawnForm): string => {
  if (storing) return 'Storing the key. If the keychain asks for its password, answer it there.';
  const hints: Readonly<Record<FormFieldName, string>> = {
    name: 'What the account is called here. A pasted key goes to its own field at once.',
    kind: `${form.kind}: ${kindHints[form.kind]}. ${elsewhere}`,
    url: 'Where its requests go, such as https://relay.example, without /v1.',
    key: 'Paste or type it. It is not shown; it is kept in the OS keychain or the encrypted vault.',
  };
  return hints[form.focus];
};

/** Longer hidden text looks the same, so that a key's length does not move anything. */
const mostDots = 12;

const drawKinds = (theme: Theme, chosen: string): string =>
  keyedKinds
    .map((kind) => (kind === chosen ? theme.paint('strong', `[${kind}]`) : theme.paint('faint', ` ${kind} `)))
    .join(' ');

const drawKey = (theme: Theme, length: number, focused: boolean, room: number): string => {
  const caret = focused ? theme.paint('accent', theme.glyphs.caret) : '';
  if (length === 0) return focused ? caret : theme.paint('faint', 'none yet');
  const count = ` ${length}${length === 1 ? ' character' : ' characters'}`;
  const dots = theme.glyphs.full.repeat(Math.max(0, Math.min(length, mostDots, room - count.length - 1)));
  return `${dots}${caret}${theme.paint('faint', count)}`;
};

const drawContent = (theme: Theme, drawn: DrawnForm, field: FormFieldName, room: number): string => {
  const { form, keyLength } = drawn;
  const focused = form.focus === field && !drawn.storing;
  if (field === 'kind') return drawKinds(theme, form.kind);
  if (field === 'key') return drawKey(theme, keyLength, focused, room);
  return drawText(theme, form[field], { focused, empty: field === 'name' ? form.suggestion : '', room });
};

/** Columns before a field's content: a mark, the label, and a column between each. */
const indent = 8;

const rowOf = (theme: Theme, drawn: DrawnForm, field: FormFieldName, columns: number): string => {
  const focused = drawn.form.focus === field;
  return formRow(
    theme,
    { label: field, focused, indent },
    drawContent(theme, drawn, field, columns - indent),
  );
};

const indented = (theme: Theme, tone: 'bad' | 'faint', text: string, columns: number): string[] =>
  paragraph(theme, sanitize(text, 600), { columns, margin: columns < 46 ? 3 : indent, tone });

type Part = { field: FormFieldName; lines: string[] };

/** The part with the focus as the last one that fits, and what fits before it. */
const aroundFocus = (parts: readonly Part[], focus: FormFieldName, rows: number): string[] => {
  const at = parts.findIndex(({ field }) => field === focus);
  const upTo = parts.slice(0, at + 1).flatMap(({ lines }) => lines);
  const own = parts[at]?.lines.length ?? 0;
  // Of a part that is longer than the screen, its first lines: the field itself.
  const start = Math.max(0, own > rows ? upTo.length - own : upTo.length - rows);
  const all = parts.flatMap(({ lines }) => lines);
  return all.slice(start, start + rows);
};

/** The form in that room. Without room for all of it title and hint go first; then it scrolls to the focused field. */
export const addAccountLines = (theme: Theme, drawn: DrawnForm, { columns, rows }: Size): string[] => {
  const { form, problem } = drawn;
  const parts = fieldsOf(form).map((field): Part => {
    const problems =
      problem?.field === field
        ? indented(theme, 'bad', `${theme.glyphs.cross} ${problem.text}`, columns)
        : [];
    return { field, lines: [rowOf(theme, drawn, field, columns), ...problems] };
  });
  const fields = parts.flatMap(({ lines }) => lines);
  const title = titleLine(theme, { title: 'Add an account', note: '', focused: true }, columns);
  const hint = indented(theme, 'faint', hintOf(drawn), columns);
  const full = [title, '', ...fields, '', ...hint];
  if (full.length <= rows) return full;
  const short = [title, ...fields, ...hint];
  if (short.length <= rows) return short;
  return fields.length + 1 <= rows && problem === null
    ? [...fields, ...hint].slice(0, rows)
    : aroundFocus(parts, form.focus, rows);
};
