// Figures of what was fitted: heat maps, thresholds, profiles, forest plots.

// --- Heat map: length by width, the best learning rate's test accuracy, mean over seeds.
const marks = { skipped: '–', failed: '×', missing: '?' };
const meaning = { skipped: 'skipped by the design', failed: 'failed', missing: 'not run yet' };

const cellHover = (cell) => {
  const lines = [`length ${cell.length}, width ${cell.hidden}`];
  if (cell.state !== 'trained') return [...lines, meaning[cell.state]].join('<br>');
  if (!data.counted) lines.push(`<b>mean ${percent(cell.mean)} %</b>, median ${percent(cell.median)} %`);
  lines.push(cell.seeds > 0 ? `solved ${cell.solved} of ${cell.seeds} seeds` : 'no seed counts');
  if (cell.censored > 0) lines.push(`${cell.censored} censored: another learning rate has no result`);
  const rates = cell.trials.some((trial) => trial.learning_rate > 0);
  for (const trial of cell.trials) {
    const rate = rates ? ` at learning rate ${trial.learning_rate}` : '';
    lines.push(`seed ${trial.seed}: ${trial.diverged ? 'diverged' : percent(trial.accuracy) + ' %'}${rate}`);
  }
  const more = data.counted ? 0 : cell.results - cell.trials.length;
  if (more > 0) lines.push(`and ${more} more seed${more === 1 ? '' : 's'}`);
  return lines.join('<br>');
};

function drawMap(element) {
  const group = data.groups[element.dataset.group];
  const series = group.series[element.dataset.series];
  const colours = theme();
  const size = sizeOf(element);
  // All maps of a group have the same axes, so that they can be compared.
  const cells = group.series.flatMap((one) => one.cells);
  const lengths = ascending(cells.map((cell) => cell.length));
  const widths = ascending(cells.map((cell) => cell.hidden));
  const empty = (value) => widths.map(() => lengths.map(() => value));
  const filled = { z: empty(null), hover: empty('') };
  const bare = { z: empty(null), hover: empty('') };
  const texts = { x: [], y: [], text: [], colour: [] };
  const states = new Set();
  let censored = false;
  for (const cell of series.cells) {
    const row = widths.indexOf(cell.hidden);
    const column = lengths.indexOf(cell.length);
    const trained = cell.state === 'trained';
    const target = trained ? filled : bare;
    target.z[row][column] = trained ? 100 * cell.mean : 1;
    target.hover[row][column] = cellHover(cell);
    texts.x.push(String(cell.length));
    texts.y.push(String(cell.hidden));
    texts.text.push(trained ? percent(cell.mean) + (cell.censored > 0 ? '*' : '') : marks[cell.state]);
    texts.colour.push(trained ? colours.on(cell.mean) : colours.noneInk);
    if (!trained) states.add(cell.state);
    censored = censored || (trained && cell.censored > 0);
  }
  const legend = Object.keys(marks).filter((state) => states.has(state)).map((state) => `${marks[state]} ${meaning[state].split(' by')[0]}`);
  if (censored) legend.push('* seeds censored');
  const common = { type: 'heatmap', x: lengths.map(String), y: widths.map(String), xgap: 2, ygap: 2, hoverinfo: 'text', hoverongaps: false };
  const cellWidth = (size.width - 130) / lengths.length;
  const fontSize = Math.min(13, Math.max(8, cellWidth / 3.4), Math.max(7, .72 * (size.height - 130) / widths.length));
  const every = Math.ceil(36 / cellWidth);  // lengths that are named, so that their names stay apart
  const traces = [
    { ...common, z: filled.z, hovertext: filled.hover, zmin: 0, zmax: 100,
      colorscale: colours.scale.map((colour, i) => [i / (colours.scale.length - 1), colour]),
      colorbar: { thickness: 10, outlinewidth: 0, tickvals: [0, 50, 100], ticktext: ['0 %', '50 %', '100 %'],
        tickfont: { size: 11, color: colours.soft }, len: 1, lenmode: 'fraction', y: .5, ypad: 0, x: 1.01, xpad: 6 } },
    { ...common, z: bare.z, hovertext: bare.hover, showscale: false, colorscale: [[0, colours.none], [1, colours.none]] },
    { type: 'scatter', mode: 'text', x: texts.x, y: texts.y, text: texts.text, textfont: { size: fontSize, color: texts.colour },
      hoverinfo: 'skip', showlegend: false },
  ];
  const what = ofGroup(group, data.counted ? 'share of seeds solved' : 'test accuracy, mean over seeds', size);
  const axis = { type: 'category', fixedrange: true, showgrid: false, zeroline: false, ticks: '', tickfont: { size: 12, color: colours.soft } };
  const layout = {
    ...layoutFor(colours, size, label(series.architecture, Math.floor((size.width - 60) / 9)), what),
    margin: { l: 64, r: 66, t: 64, b: legend.length ? 72 : 56 },
    xaxis: { ...axis, categoryarray: lengths.map(String), tickvals: lengths.filter((_, i) => i % every === 0).map(String), tickangle: 0, title: { text: 'length L (tokens)', standoff: 6, font: { size: 12 } } },
    yaxis: { ...axis, categoryarray: widths.map(String), title: { text: 'width D', standoff: 8, font: { size: 12 } } },
    annotations: legend.length ? [{
      text: legend.join('&nbsp;&nbsp;&nbsp;'), xref: 'paper', yref: 'paper', x: 0, y: 0, yshift: -66, xanchor: 'left', yanchor: 'bottom',
      showarrow: false, font: { size: 11, color: colours.soft },
    }] : [],
  };
  return Plotly.react(element, traces, layout, config(fileName(groupName(group), series.architecture, 'accuracy'), 640, 520));
}

// --- Thresholds against length, both logarithmic.
// Of sorted positive values those that are at least `least` pixels apart on a logarithmic axis of `pixels`.
const spaced = (values, low, high, pixels, least) => {
  const kept = [];
  for (const value of values) {
    const at = (v) => (pixels * Math.log(v / low)) / Math.log(high / low);
    if (value >= low && value <= high && (kept.length === 0 || at(value) - at(kept[kept.length - 1]) >= least)) kept.push(value);
  }
  return kept;
};
const interval = (point) => {
  if (point.low !== null && point.high !== null) return `95 % interval ${number(point.low)} to ${number(point.high)}`;
  if (point.low !== null) return `95 % interval from ${number(point.low)}, open above`;
  if (point.high !== null) return `95 % interval up to ${number(point.high)}, open below`;
  return '95 % interval open';
};

function drawThresholds(element) {
  const group = data.groups[element.dataset.group];
  const colours = theme();
  const size = sizeOf(element);
  const narrow = size.width < 560;
  const letters = narrow ? 11 : 13;  // of the legend
  const lengths = ascending(group.series.flatMap((series) => series.cells.map((cell) => cell.length)));
  const widths = ascending(group.series.flatMap((series) => series.cells.map((cell) => cell.hidden)));
  if (lengths.length === 0) return null;
  const found = group.series.flatMap((series) => series.thresholds.filter((point) => point.width !== null).map((point) => point.width));
  const bottom = Math.min(widths[0], ...found) / 1.35;
  const top = Math.max(widths[widths.length - 1], ...found) * 1.35;
  const left = lengths[0] / 1.15;
  const right = lengths[lengths.length - 1] * 1.15;
  const clip = (value, open) => Math.min(top, Math.max(bottom, value === null ? open : value));
  const bands = [];
  const lines = [];
  const points = [];
  group.series.forEach((series, index) => {
    const style = styleOf(series.architecture);
    const colour = colours.lines[style];
    const name = label(series.architecture);
    const shared = { legendgroup: String(index), hoverinfo: 'skip', showlegend: false, type: 'scatter' };
    const x = series.line.map((point) => point.length);
    if (x.length) {
      bands.push({ ...shared, mode: 'lines', x: [...x, ...[...x].reverse()], fill: 'toself', fillcolor: colour + '26', line: { width: 0 },
        y: [...series.line.map((point) => clip(point.high, top)), ...series.line.map((point) => clip(point.low, bottom)).reverse()] });
    }
    // The legend's entry, also where there is no line to draw.
    lines.push({
      ...shared, mode: 'lines+markers', x: x.length ? x : [null], y: x.length ? series.line.map((point) => point.width) : [null],
      name: narrow ? label(series.architecture, 16) : `${label(series.architecture, 24)}: ${escape(series.label)}`, showlegend: true,
      line: { color: colour, width: 2.5, dash: dashes[style] }, marker: { symbol: symbols[style], size: .01, color: colour }, hoverinfo: 'text',
      hovertext: series.line.map((point) =>
        `<b>${name}</b>, fitted law<br>length ${number(point.length)}: width ${number(point.width)}<br>${interval(point)}`),
    });
    // Slightly beside each other, so that the intervals of two architectures at one length can be told apart.
    const shift = (length) => length * (1 + .012 * (index - (group.series.length - 1) / 2));
    const bars = { ...shared, mode: 'lines', x: [], y: [], line: { color: colour, width: 1.5 } };
    const dots = {
      ...shared, mode: 'markers', x: [], y: [], hovertext: [], hoverinfo: 'text',
      marker: { symbol: [], size: 10, color: colour, line: { color: colours.card, width: 1.5 } },
    };
    for (const point of series.thresholds) {
      const at = shift(point.length);
      const bracketed = point.width !== null;
      if (bracketed && (point.low !== null || point.high !== null)) {
        bars.x.push(at, at, null);
        bars.y.push(clip(point.low, bottom), clip(point.high, top), null);
      }
      if (!bracketed && !point.edge) continue;
      dots.x.push(at);
      dots.y.push(bracketed ? point.width : point.edge);
      dots.marker.symbol.push(bracketed ? symbols[style] : point.beyond === 'above' ? 'triangle-up-open' : 'triangle-down-open');
      const words = bracketed ? `threshold width ${number(point.width)}<br>${interval(point)}`
        : point.beyond === 'above' ? `no width up to ${point.edge} is solved` : `every width from ${point.edge} is solved`;
      dots.hovertext.push(`<b>${name}</b><br>length ${point.length}: ${words}`);
    }
    points.push(bars, dots);
  });
  // A guide with the slope of sqrt(L) through the middle of the fitted lines.
  const fitted = group.series.filter((series) => series.line.length);
  if (fitted.length) {
    const middle = Math.sqrt(lengths[0] * lengths[lengths.length - 1]);
    const height = Math.exp(fitted.reduce((sum, series) => sum + Math.log(series.line[(series.line.length - 1) >> 1].width), 0) / fitted.length);
    const ends = [lengths[0], lengths[lengths.length - 1]];
    lines.push({ type: 'scatter', mode: 'lines', x: ends, y: ends.map((length) => height * Math.sqrt(length / middle)), name: 'slope of √L',
      line: { color: colours.soft, width: 1.5, dash: 'dot' }, hoverinfo: 'skip' });
  }
  const axisOf = (values, low, high, title) => ({
    ...axisLook(colours, title), type: 'log', range: [Math.log10(low), Math.log10(high)], tickvals: values, ticktext: values.map(String),
  });
  const xticks = spaced(lengths, left, right, size.width - 90, 34);
  const yticks = spaced(widths, bottom, top, size.height - 200, 16);
  const layout = {
    ...layoutFor(colours, size, 'Threshold width', ofGroup(group, 'bars and bands: 95 %', size)),
    margin: { l: 66, r: 24, t: 40, b: 60 }, hovermode: 'closest', hoverdistance: 16,
    legend: legendAbove(letters),
    xaxis: axisOf(xticks, left, right, 'length L (tokens), logarithmic'),
    yaxis: axisOf(yticks, bottom, top, 'width D needed, logarithmic'),
  };
  layout.margin.t = 68 + legendRoom(lines.map((line) => line.name), size.width - layout.margin.l - layout.margin.r, letters);
  return Plotly.react(element, [...bands, ...lines, ...points], layout, config(fileName(groupName(group), 'thresholds'), 900, 600));
}

// --- Profiles: how much worse the law fits with another alpha. Roots of deviances, so that a parabola shows as two straight lines.
function drawProfile(element) {
  const group = data.groups[element.dataset.group];
  const colours = theme();
  const size = sizeOf(element);
  const fitted = group.series.filter((series) => series.profile);
  const plain = 3.841458820694124;
  const top = 1.4 * Math.max(plain, ...fitted.map((series) => series.profile.critical));
  const shown = fitted.flatMap((series) => series.profile.alpha.filter((alpha, i) => series.profile.deviance[i] <= top));
  const left = Math.min(0, ...shown) - .05;
  const right = Math.max(1, ...shown) + .05;
  const traces = [];
  for (const series of fitted) {
    const style = styleOf(series.architecture);
    const colour = colours.lines[style];
    const name = label(series.architecture, 16);
    const { alpha, deviance, critical } = series.profile;
    traces.push({
      type: 'scatter', mode: 'lines', x: alpha, y: deviance.map(Math.sqrt), name, line: { color: colour, width: 2.5, dash: dashes[style] },
      legendgroup: String(style), hoverinfo: 'text', hovertext: alpha.map((one, i) => `<b>${name}</b><br>α = ${one.toFixed(3)}: D = ${number(deviance[i])}`),
    });
    const { low, high } = series.interval;
    const words = `<b>${name}</b><br>95 %: D ≤ ${number(critical)}<br>α from ${low === null ? 'open' : low.toFixed(2)} to ${high === null ? 'open' : high.toFixed(2)}`;
    traces.push({
      type: 'scatter', mode: 'lines+markers', x: [low ?? left, high ?? right], y: [Math.sqrt(critical), Math.sqrt(critical)], showlegend: false,
      legendgroup: String(style), line: { color: colour, width: 1.5 }, hoverinfo: 'text', hovertext: [words, words],
      marker: { color: colour, size: 12, symbol: [low === null ? 'triangle-left' : 'line-ns', high === null ? 'triangle-right' : 'line-ns'], line: { color: colour, width: 2 } },
    });
  }
  const ticks = [0, 1, 4, 10, 20, 40, 80, 160, 320, 640].filter((value) => value <= top);
  const across = { type: 'line', xref: 'paper', x0: 0, x1: 1, y0: Math.sqrt(plain), y1: Math.sqrt(plain), line: { color: colours.soft, width: 1, dash: 'dot' } };
  const layout = {
    ...layoutFor(colours, size, 'Profile deviance D(α)', ofGroup(group, 'bars: D ≤ q; dots: 3.84', size)),
    margin: { l: 60, r: 20, t: 68, b: 56 }, hovermode: 'closest', legend: legendAbove(11), showlegend: true,
    xaxis: { ...axisLook(colours, 'exponent α'), range: [left, right] },
    yaxis: { ...axisLook(colours, 'deviance, root scale'), range: [0, Math.sqrt(top)], tickvals: ticks.map(Math.sqrt), ticktext: ticks.map(String) },
    shapes: [across],
    annotations: fitted.length ? [] : [nothing(colours, 'no exponent, so no profile')],
  };
  layout.margin.t += legendRoom(fitted.map((series) => label(series.architecture, 16)), size.width - 80, 11);
  return Plotly.react(element, traces, layout, config(fileName(groupName(group), 'profile'), 640, 520));
}

// --- Forest plots: all exponents, or all differences from the baseline, below each other.
const nothing = (colours, text) =>
  ({ text, xref: 'paper', yref: 'paper', x: .5, y: .5, showarrow: false, font: { size: 13, color: colours.soft } });

function drawForest(element) {
  const colours = theme();
  const delta = element.dataset.what === 'delta';
  const symbol = delta ? 'Δα' : 'α';
  const rows = [];  // from the top: {text} heads a group, {series, value, interval, unwidened}
  for (const group of data.groups) {
    const found = group.series.filter((series) => (delta ? series.delta : true));
    if (found.length && data.groups.length > 1) rows.push({ text: `<b>${label(groupName(group), 24)}</b>` });
    for (const series of found) {
      const one = delta ? series.delta : { value: series.alpha, interval: series.interval, unwidened: series.unwidened };
      rows.push({ text: label(series.architecture, 24), task: groupName(group), series, ...one, others: delta ? [] : series.sensitivity ?? [] });
    }
  }
  const height = 118 + 25 * Math.max(2, rows.length);
  if (!printing) element.style.height = `${height}px`;
  const size = sizeOf(element, height);
  const drawn = rows.filter((row) => row.value !== undefined && row.value !== null);
  const ends = drawn.flatMap((row) => [row.value, row.interval.low, row.interval.high, row.unwidened.low, row.unwidened.high, ...row.others.map((other) => other.alpha)]).filter((end) => end !== null);
  const low = Math.min(delta ? -.25 : 0, ...ends);
  const high = Math.max(delta ? .25 : 1, ...ends);
  const pad = .06 * (high - low);
  const [left, right] = [low - pad, high + pad];
  const traces = [];
  rows.forEach((row, y) => {
    if (!drawn.includes(row)) return;
    const style = styleOf(row.series.architecture);
    const colour = colours.lines[style];
    const end = (value) => (value === null ? 'open' : value.toFixed(2));
    const words = `<b>${label(row.task)}, ${label(row.series.architecture)}</b><br>${symbol} = ${row.value.toFixed(2)}` +
      `<br>95 % ${end(row.interval.low)} to ${end(row.interval.high)}<br>unwidened ${end(row.unwidened.low)} to ${end(row.unwidened.high)}`;
    const bar = (interval, width) => ({
      type: 'scatter', mode: 'lines', x: [interval.low ?? left, interval.high ?? right], y: [y, y], line: { color: colour, width }, hoverinfo: 'text',
      hovertext: [words, words], showlegend: false,
    });
    traces.push(bar(row.interval, 1.5), bar(row.unwidened, 4));
    const open = [[row.interval.low, left, 'triangle-left'], [row.interval.high, right, 'triangle-right']].filter((one) => one[0] === null);
    traces.push({
      type: 'scatter', mode: 'markers', x: [row.value, ...open.map((one) => one[1])], y: [y, ...open.map(() => y)], hoverinfo: 'text', hovertext: words,
      marker: { symbol: [symbols[style], ...open.map((one) => one[2])], size: 10, color: colour, line: { color: colours.card, width: 1.5 } }, showlegend: false,
    });
    if (row.others.length) {
      traces.push({
        type: 'scatter', mode: 'markers', x: row.others.map((other) => other.alpha), y: row.others.map(() => y + .3), hoverinfo: 'text', showlegend: false,
        hovertext: row.others.map((other) => `<b>${label(row.task)}, ${label(row.series.architecture)}</b><br>${escape(other.name)}: α = ${other.alpha.toFixed(2)}`),
        marker: { symbol: 'line-ns', size: 7, line: { color: colours.soft, width: 1.5 } },
      });
    }
  });
  const without = rows.map((row, y) => [row, y]).filter(([row]) => row.series && !drawn.includes(row));
  const line = (x, dash) => ({ type: 'line', yref: 'paper', y0: 0, y1: 1, x0: x, x1: x, line: { color: colours.soft, width: 1, dash }, layer: 'below' });
  const longest = Math.max(6, ...rows.map((row) => row.text.replace(/<[^>]*>|&[a-z]+;/g, '.').length));
  const others = rows.some((row) => row.others && row.others.length);
  const layout = {
    ...layoutFor(colours, size, delta ? `Difference from ${label(data.baseline, 24)}` : 'Exponents',
      `thin: 95 %, thick: unwidened${others ? ', ticks: refitted as told below' : ''}`),
    margin: { l: 20 + 7.6 * longest, r: 16, t: 66, b: 52 }, hovermode: 'closest',
    xaxis: { ...axisLook(colours, delta ? 'Δα' : 'exponent α'), range: [left, right], showgrid: false },
    yaxis: { range: [rows.length - .4, -.6], tickvals: rows.map((row, y) => y), ticktext: rows.map((row) => row.text), fixedrange: true, showgrid: false,
      zeroline: false, ticks: '', tickfont: { size: 13, color: colours.ink } },
    shapes: delta ? [line(0, 'solid')] : [line(0, 'dot'), line(.5, 'dot'), line(1, 'dot')],
    annotations: without.map(([, y]) => ({ text: 'no exponent', x: left, y, xanchor: 'left', showarrow: false, font: { size: 12, color: colours.soft } })),
  };
  return Plotly.react(element, traces, layout, config(delta ? 'differences' : 'exponents', 640, height));
}
