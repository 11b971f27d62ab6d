import { describe, expect, it } from 'vitest';
import {
  chosenName,
  chosenUrl,
  fieldsOf,
  isLastField,
  looksLikeKey,
  newForm,
  pasteForm,
  pressForm,
  strayKey,
  type AddForm,
} from '../../../source/ui/overlays/add-account-form.ts';

const after = (form: AddForm, ...names: string[]): AddForm => names.reduce(pressForm, form);
const form = newForm('work');

describe('the form', () => {
  it('goes round its fields in both directions; the address is one of them for compatible alone', () => {
    const focuses = (start: AddForm, name: string): string[] => {
      let now = start;
      return fieldsOf(start).map(() => (now = pressForm(now, name)).focus);
    };
    expect(focuses(form, 'tab')).toEqual(['kind', 'key', 'name']);
    expect(focuses(form, 'up')).toEqual(['key', 'kind', 'name']);
    const compatible = after(form, 'down', 'right', 'shift+tab');
    expect(focuses(compatible, 'enter')).toEqual(['kind', 'url', 'key', 'name']);
    expect(isLastField(after(compatible, 'up'))).toBe(true);
  });

  it.each(['left', 'right', 'space'])('%s changes the kind, and back', (name) => {
    const changed = after(form, 'tab', name);
    expect(changed.kind).toBe('compatible');
    expect(pressForm(changed, name).kind).toBe('api-key');
  });

  it('takes the suggested name until one is typed, and again when that is deleted', () => {
    expect(chosenName(form)).toBe('work');
    expect(chosenName(after(form, 'm', 'e'))).toBe('me');
    expect(chosenName(after(form, 'm', 'backspace', 'space'))).toBe('work');
  });

  it('keeps the address of a kind that has none for when it has one again', () => {
    const typed = pasteForm(after(form, 'tab', 'right', 'tab'), 'https://relay.example');
    expect(chosenUrl(typed)).toBe('https://relay.example');
    const other = after(typed, 'up', 'left');
    expect(chosenUrl(other)).toBeNull();
    expect(chosenUrl(after(other, 'left'))).toBe('https://relay.example');
  });

  it('leaves the form alone where a key or a paste means nothing', () => {
    const onKind = after(form, 'tab');
    expect(pressForm(onKind, 'x')).toBe(onKind);
    expect(pasteForm(onKind, 'text')).toBe(onKind);
    expect(pressForm(form, 'constructor')).toBe(form);
  });

  it('forgets what was said of a field when that is changed, and nothing else', () => {
    const refused: AddForm = { ...form, problem: { field: 'name', text: 'taken' } };
    expect(after(refused, 'x').problem).toBeNull();
    expect(after(refused, 'tab').problem).toEqual({ field: 'name', text: 'taken' });
  });
});

describe('a key in the wrong place', () => {
  it.each(['sk-ant-api03-x', 'sk-proj-123', '0123456789abcdef0123456789abcdef', 'AbC_9-'.repeat(8)])(
    '%s is taken for one when it is pasted',
    (text) => expect(looksLikeKey(text)).toBe(true),
  );

  it.each(['work', 'team-a@example.org', 'https://relay.example/0123456789abcdef0123456789abcdef', 'sk', ''])(
    '%s is not',
    (text) => expect(looksLikeKey(text)).toBe(false),
  );

  it('is taken out of the field it is typed into before any of its secret part', () => {
    const typed = after(form, ...'sk-ant-'.split(''));
    expect(strayKey(typed)).toMatchObject({ key: 'sk-ant-', form: { focus: 'key' } });
    expect(chosenName(strayKey(typed)?.form ?? typed)).toBe('work');
    expect(strayKey(after(form, ...'sk-an'.split('')))).toBeNull();
  });
});
