// Colours that stay apart for every kind of colour vision: Okabe & Ito, "Color Universal Design", 2008.

/** What each colour means in every picture Foveal draws. Meaning never rests on colour alone: marks repeat it. */
export const palette = {
  ink: '#1a1a1a',
  quiet: '#6b6b6b',
  rule: '#d9d9d9',
  paper: '#ffffff',
  right: '#0072B2',
  wrong: '#D55E00',
  series: ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#56B4E9', '#E69F00'],
} as const;
