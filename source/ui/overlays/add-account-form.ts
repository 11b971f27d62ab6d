import { keyedKinds } from '../../shared/types.ts';
import { formStep } from './form-row.ts';
import { editField, emptyField, fieldText, insertText, type TextField } from '../text-field.ts';

export type FormFieldName = 'name' | 'kind' | 'url' | 'key';
export type FormKind = (typeof keyedKinds)[number];
export type FormProblem = { field: FormFieldName; text: string };

/** What has been typed, without the key: that is kept as bytes, beside. */
export type AddForm = {
  name: TextField;
  /** The name as long as nothing is typed there. */
  suggestion: string;
  kind: FormKind;
  url: TextField;
  focus: FormFieldName;
  problem: FormProblem | null;
};

export const newForm = (suggestion: string): AddForm => ({
  name: emptyField,
  suggestion,
  kind: 'api-key',
  url: emptyField,
  focus: 'name',
  problem: null,
});

/** The fields in their order; a key of the Claude Console has only one place to go to. */
export const fieldsOf = ({ kind }: Pick<AddForm, 'kind'>): readonly FormFieldName[] =>
  kind === 'compatible' ? ['name', 'kind', 'url', 'key'] : ['name', 'kind', 'key'];

/** The name it would be added under. */
export const chosenName = ({ name, suggestion }: Pick<AddForm, 'name' | 'suggestion'>): string =>
  fieldText(name).trim() || suggestion;

/** The address it would be added with; null = the kind's own, or none given. */
export const chosenUrl = ({ kind, url }: Pick<AddForm, 'kind' | 'url'>): string | null =>
  kind === 'compatible' ? fieldText(url).trim() || null : null;

export const isLastField = (form: AddForm): boolean => fieldsOf(form).at(-1) === form.focus;

const move = (form: AddForm, by: number): AddForm => {
  const fields = fieldsOf(form);
  const at = (fields.indexOf(form.focus) + by + fields.length) % fields.length;
  return { ...form, focus: fields[at] ?? form.focus };
};

const otherKind = (form: AddForm): AddForm => {
  const at = (keyedKinds.indexOf(form.kind) + 1) % keyedKinds.length;
  return { ...form, kind: keyedKinds[at] ?? form.kind, problem: null };
};

/** The form after text was changed in that field: what was said about the field is out of date then. */
const changed = (form: AddForm, field: 'name' | 'url', text: TextField): AddForm => ({
  ...form,
  [field]: text,
  problem: form.problem?.field === field ? null : form.problem,
});

const kindKeys: ReadonlySet<string> = new Set(['left', 'right', 'space']);

/** The form after a key that is not for the hidden line and does not send it; unchanged when it means nothing. */
export const pressForm = (form: AddForm, name: string): AddForm => {
  const by = name === 'enter' ? 1 : formStep(name);
  if (by !== 0) return move(form, by);
  const { focus } = form;
  if (focus === 'kind') return kindKeys.has(name) ? otherKind(form) : form;
  if (focus === 'key') return form;
  const next = editField(form[focus], name);
  return next === form[focus] ? form : changed(form, focus, next);
};

/** The form with one line of text pasted where the cursor is. */
export const pasteForm = (form: AddForm, text: string): AddForm =>
  form.focus === 'name' || form.focus === 'url'
    ? changed(form, form.focus, insertText(form[form.focus], text))
    : form;

/** The beginning of every credential of Anthropic; no account is called so. */
const typedKey = /^sk-ant-/;
/** What providers hand out as keys: `sk-…`, or a long run of letters and digits. */
const pastedKey = /^(?:sk-\S+|(?=[\w-]*\d)[\w-]{32,})$/;

/** Whether pasted text is a key and no name or address, so that it never comes into a field that is shown. */
export const looksLikeKey = (text: string): boolean => pastedKey.test(text);

/** The beginning of a key that is being typed into a field that is shown, and the form without it; null = none is. */
export const strayKey = (form: AddForm): { form: AddForm; key: string } | null => {
  for (const field of ['name', 'url'] as const) {
    const text = fieldText(form[field]);
    if (typedKey.test(text)) return { form: { ...form, [field]: emptyField, focus: 'key' }, key: text };
  }
  return null;
};
