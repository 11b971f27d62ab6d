/** What it is, the text itself, and what a person sees of it once it is clean (when nothing had to be cut). */
export type HostileText = readonly [what: string, text: string, shown: string];

/** What a hostile upstream, client or file name could carry, and what a person sees of it. */
export const hostileText: readonly HostileText[] = [
  ['window title (OSC 0)', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
  ['window title (OSC 2), ended by ST', '\x1b]2;owned\x1b\\', '\\x1b]2;owned\\x1b\\'],
  ['hyperlink (OSC 8)', '\x1b]8;;http://evil\x07x\x1b]8;;\x07', '\\x1b]8;;http://evil\\x07x\\x1b]8;;\\x07'],
  ['clipboard (OSC 52)', '\x1b]52;c;cm0gLXJm\x07', '\\x1b]52;c;cm0gLXJm\\x07'],
  ['palette (OSC 4)', '\x1b]4;1;#000000\x07', '\\x1b]4;1;#000000\\x07'],
  ['clear the screen', '\x1b[2J\x1b[H', '\\x1b[2J\\x1b[H'],
  ['clear the scrollback', '\x1b[3J', '\\x1b[3J'],
  ['leave the alternate screen', '\x1b[?1049l', '\\x1b[?1049l'],
  ['mouse reporting', '\x1b[?1003h', '\\x1b[?1003h'],
  ['colour', '\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
  ['status report answered into the input', '\x1b[6n\x1b[c', '\\x1b[6n\\x1b[c'],
  ['device control string', '\x1bP$q"p\x1b\\', '\\x1bP$q"p\\x1b\\'],
  ['application program command', '\x1b_payload\x1b\\', '\\x1b_payload\\x1b\\'],
  ['privacy message', '\x1b^payload\x1b\\', '\\x1b^payload\\x1b\\'],
  ['full reset', '\x1bc', '\\x1bc'],
  ['CSI as one C1 character', '\x9b2J', '\\x9b2J'],
  ['OSC as one C1 character', '\x9d52;c;eA==\x9c', '\\x9d52;c;eA==\\x9c'],
  ['next line (C1)', 'a\x85b', 'a\\x85b'],
  ['bell', 'ding\x07', 'ding\\x07'],
  ['backspaces over a word', 'safe\b\b\b\bevil', 'safe\\x08\\x08\\x08\\x08evil'],
  ['carriage return over a line', 'visible\rhidden', 'visible\\rhidden'],
  ['line feed and tab', 'one\ntwo\tthree', 'one\\ntwo\\tthree'],
  ['delete and null', 'a\x7fb\x00c', 'a\\x7fb\\x00c'],
  ['shift out (line drawing set)', '\x0elqk\x0f', '\\x0elqk\\x0f'],
  ['a sequence inside a sequence', '\x1b[\x1b[31m1m', '\\x1b[\\x1b[31m1m'],
  ['an unterminated string', 'x\x1b]0;no end', 'x\\x1b]0;no end'],
  ['bidi override and isolate', 'exe\u202egpj.\u2066txt\u2069', 'exe\\u202egpj.\\u2066txt\\u2069'],
  [
    'zero width, byte order mark, soft hyphen',
    'a\u200bb\u200dc\ufeffd\u00ade',
    'a\\u200bb\\u200dc\\ufeffd\\xade',
  ],
];

const lone = String.fromCharCode(0xd800);

/** Text that no terminal acts on, but that hides, spoils a width, or is no text at all. */
export const awkwardText: readonly HostileText[] = [
  ['half of a surrogate pair', `a${lone}b`, 'a\\ud800b'],
  ['line and paragraph separators', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ['invisible fillers and variation selectors', 'a\u3164b\ufe0fc\u2060d', 'a\\u3164b\\ufe0fc\\u2060d'],
  ['tags (invisible letters)', 'a\u{e0041}\u{e007f}b', 'a\\u{e0041}\\u{e007f}b'],
  ['noncharacters', 'a\uffffb\u{1fffe}c', 'a\\uffffb\\u{1fffe}c'],
  ['wide characters', '漢字かな한글', '漢字かな한글'],
  ['combining marks', 'e\u0301o\u0308\u0327', 'e\u0301o\u0308\u0327'],
  ['a picture out of several characters', '👩\u200d💻', '👩\\u200d💻'],
];

/**
 * What must never be in text that goes to a terminal, a log or a JSON line: controls, 8-bit controls, what reorders,
 * hides or breaks lines, halves of surrogate pairs. Written out with no help of the source, which it judges.
 */
export const hostileCharacter =
  /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]|\p{Cs}/u;
