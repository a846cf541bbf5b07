import {CfgError} from './cfgError.js';

/** A line `key = value` of a section. */
export interface CfgOption {
  value: string;
  /** Counted from 1. */
  line: number;
}

/** A `[type]` with the lines below it. */
export interface CfgSection {
  /** In lower case, without the brackets. */
  type: string;
  line: number;
  options: Map<string, CfgOption>;
}

/**
 * Cuts the text of a `.cfg` into its sections. Lines that begin with `#` or `;` are comments, and so is what follows
 * a `#` in a line.
 *
 * @param file - Named in errors.
 * @throws CfgError for a line that is neither a section nor `key = value`, or a key that stands twice.
 */
export function cfgSections(text: string, file: string): CfgSection[] {
  const sections: CfgSection[] = [];
  // A byte order mark is left there by some editors.
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  lines.forEach((raw, i) => {
    const line = i + 1;
    const bare = raw.replace(/[#;].*$/, '').trim();
    if (bare === '') return;
    const header = /^\[\s*([^\]]*?)\s*\]$/.exec(bare);
    if (header) {
      sections.push({type: header[1].toLowerCase(), line, options: new Map()});
      return;
    }
    const equals = bare.indexOf('=');
    const [key, value] = [bare.slice(0, equals).trim(), bare.slice(equals + 1).trim()];
    if (equals < 1 || key === '') {
      throw new CfgError(
        file,
        line,
        `expected [section] or key = value, got ${JSON.stringify(short(bare))}.`,
      );
    }
    const section = sections.at(-1);
    if (!section) {
      throw new CfgError(file, line, `${key} stands before the first section. A .cfg begins with [net].`);
    }
    const before = section.options.get(key);
    if (before) {
      const place = `[${section.type}] of line ${section.line}`;
      throw new CfgError(file, line, `${key} is set again in ${place}; first in line ${before.line}.`);
    }
    section.options.set(key, {value, line});
  });
  return sections;
}

const short = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
