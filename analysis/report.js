// Draws the report's figures from the JSON in #data with Plotly. Names come from data: label() before Plotly, which reads some HTML in texts.
'use strict';
(() => {
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
  // On paper the page is laid out anew after the figures are drawn, so their size is settled: half of its width for maps, all for thresholds.
  const sizeOf = (element) => {
    if (!printing) return { width: element.clientWidth, height: element.clientHeight };
    return element.classList.contains('map') ? { width: 336, height: 330 } : { width: 690, height: 400 };
  };
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
    for (const trial of cell.trials.slice(0, 8)) {
      const rate = rates ? ` at learning rate ${trial.learning_rate}` : '';
      lines.push(`seed ${trial.seed}: ${trial.diverged ? 'diverged' : percent(trial.accuracy) + ' %'}${rate}`);
    }
    if (cell.trials.length > 8) lines.push(`and ${cell.trials.length - 8} more seeds`);
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
    const legend = Object.keys(marks).filter((state) => states.has(state)).map((state) => `${marks[state]} ${meaning[state]}`);
    if (censored) legend.push('* some seeds censored');
    const common = { type: 'heatmap', x: lengths.map(String), y: widths.map(String), xgap: 2, ygap: 2, hoverinfo: 'text', hoverongaps: false };
    const fontSize = Math.max(8, Math.min(13, (size.width - 130) / lengths.length / 3.4));
    const traces = [
      { ...common, z: filled.z, hovertext: filled.hover, zmin: 0, zmax: 100,
        colorscale: colours.scale.map((colour, i) => [i / (colours.scale.length - 1), colour]),
        colorbar: { thickness: 10, outlinewidth: 0, tickvals: [0, 50, 100], ticktext: ['0 %', '50 %', '100 %'],
          tickfont: { size: 11, color: colours.soft }, len: 1, lenmode: 'fraction', y: .5, ypad: 0, x: 1.01, xpad: 6 } },
      { ...common, z: bare.z, hovertext: bare.hover, showscale: false, colorscale: [[0, colours.none], [1, colours.none]] },
      { type: 'scatter', mode: 'text', x: texts.x, y: texts.y, text: texts.text, textfont: { size: fontSize, color: texts.colour },
        hoverinfo: 'skip', showlegend: false },
    ];
    const what = `${label(groupName(group), 30)}: ${data.counted ? 'share of seeds solved' : 'test accuracy, mean over seeds'}`;
    const axis = { type: 'category', fixedrange: true, showgrid: false, zeroline: false, ticks: '', tickfont: { size: 12, color: colours.soft } };
    const layout = {
      ...layoutFor(colours, size, label(series.architecture, Math.floor((size.width - 60) / 9)), what),
      margin: { l: 64, r: 66, t: 64, b: legend.length ? 72 : 56 },
      xaxis: { ...axis, categoryarray: lengths.map(String), title: { text: 'length L (tokens)', standoff: 6, font: { size: 12 } } },
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
        name: `${label(series.architecture, 24)}: ${escape(series.label)}`, showlegend: true,
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
      type: 'log', range: [Math.log10(low), Math.log10(high)], tickvals: values, ticktext: values.map(String), fixedrange: true,
      title: { text: title, standoff: 8, font: { size: 12 } }, tickfont: { size: 12, color: colours.soft },
      ticks: 'outside', tickcolor: colours.soft, gridcolor: colours.line, showline: true, linecolor: colours.soft, zeroline: false,
    });
    const xticks = spaced(lengths, left, right, size.width - 90, 34);
    const yticks = spaced(widths, bottom, top, size.height - 170, 16);
    const layout = {
      ...layoutFor(colours, size, 'Threshold width', `${label(groupName(group), 24)}: fitted laws; bars and bands: 95 %`),
      margin: { l: 66, r: 24, t: 40, b: 60 }, hovermode: 'closest', hoverdistance: 16,
      legend: { orientation: 'h', x: 0, xanchor: 'left', y: 1.01, yanchor: 'bottom', font: { size: 13 }, bgcolor: 'rgba(0,0,0,0)', itemwidth: 46 },
      xaxis: axisOf(xticks, left, right, 'length L (tokens), logarithmic'),
      yaxis: axisOf(yticks, bottom, top, 'width D that is needed, logarithmic'),
    };
    // Room for the legend above the plot: one row where all entries fit, else columns as wide as the widest.
    const entries = lines.map((line) => 60 + 7.2 * line.name.replace(/&[a-z]+;/g, '.').length);
    const across = size.width - layout.margin.l - layout.margin.r;
    const fits = entries.reduce((sum, entry) => sum + entry, 0) <= across;
    const rows = fits ? 1 : Math.ceil(entries.length / Math.max(1, Math.floor(across / Math.max(...entries))));
    layout.margin.t = 68 + 29 * rows;
    return Plotly.react(element, [...bands, ...lines, ...points], layout, config(fileName(groupName(group), 'thresholds'), 900, 600));
  }

  // Cards carry their line's colour.
  const mark = (element) => {
    const series = data.groups[element.dataset.group].series[element.dataset.series];
    element.style.setProperty('--mark', theme().lines[styleOf(series.architecture)]);
  };

  const maps = [...document.querySelectorAll('.panel.map')];
  const thresholds = [...document.querySelectorAll('.panel.threshold')];
  const draw = () => {
    document.documentElement.dataset.figures = 'drawing';  // so that a program that takes pictures knows when
    document.querySelectorAll('.card').forEach(mark);
    return Promise.all([...thresholds.map(drawThresholds), ...maps.map(drawMap)]).then(() => { document.documentElement.dataset.figures = 'drawn'; });
  };
  draw();
  dark.addEventListener('change', draw);
  let width = window.innerWidth;
  window.addEventListener('resize', () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    draw();
  });
  window.addEventListener('beforeprint', () => { printing = true; draw(); });
  window.addEventListener('afterprint', () => { printing = false; draw(); });
})();
