// What a person types at a prompt that shows nothing: a small line editor over the characters of a raw terminal.

export type HiddenLine = {
  /** Takes what the terminal sent, however it was cut; says whether the line is finished. */
  feed(text: string): 'more' | 'done' | 'cancelled';
  /** What was typed or pasted, without line breaks around it. */
  value(): string;
};

const pasteEnd = '[201~';
const pasteStart = '[200~';
// A control sequence of a terminal: `[`, parameters, one final character; or `O` and one character (old arrow keys).
const sequence = /^(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])/s;
const unfinished = /^(?:\[[0-?]*[ -/]*|O)?$/s;

/**
 * A line editor for secrets: Enter ends the line, ctrl+c gives up, backspace and ctrl+u correct, arrows and other keys
 * do nothing. A bracketed paste is taken literally, its line breaks too.
 */
export const createHiddenLine = (): HiddenLine => {
  let characters: string[] = [];
  let escape: string | null = null;
  let pasting = false;

  const finishEscape = (keys: string): void => {
    if (keys === pasteStart && !pasting) pasting = true;
    else if (keys === pasteEnd && pasting) pasting = false;
    else if (pasting) characters.push(`\x1b${keys}`);
  };

  const take = (character: string): 'more' | 'done' | 'cancelled' => {
    if (escape !== null) {
      escape += character;
      if (sequence.test(escape)) {
        finishEscape(escape);
        escape = null;
      } else if (!unfinished.test(escape)) escape = null;
    } else if (character === '\x1b') escape = '';
    else if (pasting) characters.push(character);
    else if (character === '\r' || character === '\n') return 'done';
    else if (character === '\x03') return 'cancelled';
    else if (character === '\x04') return characters.length === 0 ? 'cancelled' : 'done';
    else if (character === '\x7f' || character === '\b') characters.pop();
    else if (character === '\x15') characters = [];
    else if (character >= ' ') characters.push(character);
    return 'more';
  };

  return {
    feed: (text) => {
      for (const character of text) {
        const said = take(character);
        if (said !== 'more') return said;
      }
      return 'more';
    },
    value: () => characters.join('').replace(/^[\r\n]+|[\r\n]+$/g, ''),
  };
};
