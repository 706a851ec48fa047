// Draws the report's figures from the JSON in #data with Plotly: what all of them share. report_law.js and report_training.js draw, report_draw.js calls.
// The page puts all of it in one strict function. Names come from data: label() before Plotly, which reads some HTML in texts.
const data = JSON.parse(document.getElementById('data').textContent);
const dark = window.matchMedia('(prefers-color-scheme: dark)');
let printing = false;

const themes = {
  light: {
    ink: '#18202b', soft: '#566171', line: '#e3e7ec', card: '#ffffff', none: '#edeff2', noneInk: '#7a8594',
    on: (share) => (share > .68 ? '#ffffff' : '#18202b'),  // text on the scale
    scale: ['#fffbe0', '#edf8b1', '#c7e9b4', '#7fcdbb', '#41b6c4', '#1d91c0', '#225ea8', '#253494', '#0b1f5c'],
    lines: ['#0072b2', '#d55e00', '#009e73', '#b0468c', '#8a6d00', '#3d3d3d'],
  },
  dark: {
    ink: '#e7ebf1', soft: '#9eabbb', line: '#2a3340', card: '#171d26', none: '#222a35', noneInk: '#8b98a8',
    on: (share) => (share < .32 ? '#e7ebf1' : '#10161f'),
    scale: ['#1b2140', '#253494', '#225ea8', '#1d91c0', '#41b6c4', '#7fcdbb', '#c7e9b4', '#edf8b1', '#fffbe0'],
    lines: ['#56b4e9', '#f28e4b', '#3fc79a', '#e08bc0', '#e6c84f', '#c9c9c9'],
  },
};
const theme = () => (dark.matches && !printing ? themes.dark : themes.light);
const symbols = ['circle', 'square', 'diamond', 'cross', 'x', 'star'];
const dashes = ['solid', 'dash', 'dashdot', 'longdash', 'dot', 'longdashdot'];
const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif';

// An architecture looks the same in every group; the baseline, first in its group, comes first.
const architectures = [...new Set(data.groups.flatMap((group) => group.series.map((series) => series.architecture)))];
const styleOf = (name) => architectures.indexOf(name) % symbols.length;

const escape = (text) => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
// Escaped, and cut where it is longer than `most` characters.
const label = (text, most = 60) => {
  const characters = Array.from(String(text));
  return escape(characters.length <= most ? text : characters.slice(0, Math.max(1, most - 1)).join('') + '…');
};
const number = (value) => (value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3))));
const percent = (value) => {
  const text = (100 * value).toFixed(1);
  return value < 1 && text === '100.0' ? '99.9' : text.replace(/\.0$/, '');
};
const ascending = (values) => [...new Set(values)].sort((a, b) => a - b);
const groupName = (group) => group.task + (group.axes ? ` (${group.axes})` : '');
const fileName = (...words) => words.join('-').replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[-.]+/, '') || 'figure';

const config = (name, width, height) => ({
  displaylogo: false, displayModeBar: true, modeBarButtons: [['toImage']],
  toImageButtonOptions: { format: 'svg', filename: name, width, height },
});
// On paper the page is laid out anew after the figures are drawn, so their size is settled: half of its width for some, all for the others.
const paper = { map: [336, 330], profile: [336, 330], forest: [336, 0], threshold: [690, 400], curves: [690, 400], costs: [690, 380] };
const kindOf = (element) => Object.keys(paper).find((kind) => element.classList.contains(kind));
// `height`: of figures that are as high as what they show.
const sizeOf = (element, height) => {
  if (!printing) return { width: element.clientWidth, height: height ?? element.clientHeight };
  const [width, settled] = paper[kindOf(element)];
  return { width, height: height ?? settled };
};
// A subtitle that fits: what stands in the figure, and of which task.
const ofGroup = (group, words, size) => `${words}; ${label(groupName(group), Math.max(8, Math.floor((size.width - 44) / 6.3) - words.length - 2))}`;
const layoutFor = (colours, size, title, subtitle) => ({
  ...size,
  title: { text: title, x: 0, xref: 'container', xanchor: 'left', pad: { l: 16, t: 16 }, y: 1, yref: 'container', yanchor: 'top',
    font: { size: 15, weight: 600, color: colours.ink }, subtitle: { text: subtitle, font: { size: 12, weight: 400, color: colours.soft } } },
  font: { family: font, size: 13, color: colours.ink },
  paper_bgcolor: colours.card, plot_bgcolor: colours.card,
  hoverlabel: { align: 'left', bgcolor: colours.card, bordercolor: colours.soft, font: { family: font, size: 13, color: colours.ink } },
  modebar: { bgcolor: 'rgba(0,0,0,0)', color: colours.soft, activecolor: colours.ink },
  dragmode: false,
});
// A legend above the plot, and the room in pixels that it takes over a plot `across` wide: one row where all entries fit, else columns as wide as the
// widest.
const legendAbove = (size = 13) =>
  ({ orientation: 'h', x: 0, xanchor: 'left', y: 1.01, yanchor: 'bottom', font: { size }, bgcolor: 'rgba(0,0,0,0)', itemwidth: size < 13 ? 30 : 46 });
const legendRoom = (names, across, size = 13) => {
  const entries = names.map((name) => (size < 13 ? 44 : 60) + .51 * size * name.replace(/&[a-z]+;/g, '.').length);
  const fits = entries.reduce((sum, entry) => sum + entry, 0) <= across;
  return 1.7 * (size + 4) * (fits ? 1 : Math.ceil(entries.length / Math.max(1, Math.floor(across / Math.max(...entries)))));
};
const axisLook = (colours, title) => ({
  title: { text: title, standoff: 8, font: { size: 12 } }, tickfont: { size: 12, color: colours.soft }, fixedrange: true,
  ticks: 'outside', tickcolor: colours.soft, gridcolor: colours.line, showline: true, linecolor: colours.soft, zeroline: false,
});
