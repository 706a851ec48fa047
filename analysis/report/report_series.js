// Axes, series, cells and labels of the report's figures, as figure.hpp describes them, as what
// Plotly draws: see report.js. The page puts both files in one strict function. Words come from
// data: label() before Plotly, which reads some HTML in texts.
const data = JSON.parse(document.getElementById('data').textContent);
const dark = window.matchMedia('(prefers-color-scheme: dark)');
let printing = false;

const {symbols, dashes, dots} = data.palette;
const theme = () => (dark.matches && !printing ? data.palette.dark : data.palette.light);
const font =
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", ' +
    '"Liberation Sans", Arial, sans-serif';

const escape = (text) =>
    String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
// Escaped, and cut where it is longer than `most` characters.
const label = (text, most = 60) => {
  const characters = Array.from(String(text));
  if (characters.length <= most) return escape(text);
  return escape(characters.slice(0, Math.max(1, most - 1)).join('') + '…');
};
const lengthOf = (html) => html.replace(/<[^>]*>/g, '').replace(/&[a-z]+;/g, '.').length;
// 'x', 'x2', 'x3', ...
const nameOf = (letter, k) => letter + (k === 0 ? '' : k + 1);
const panelsOf = (columns) => columns.flatMap((column) => column.panels);

// --- Axes

const along = {
  linear: (value) => value,
  logarithmic: Math.log,
  root: Math.sqrt
};
const shareOf = (axis, value) => {
  const place = along[axis.scale];
  return (place(value) - place(axis.low)) / (place(axis.high) - place(axis.low));
};
// As Plotly takes it: a logarithmic axis is Plotly's own, a root is drawn by us.
const plotted = (axis, value) =>
    (value !== null && axis.scale === 'root' ? Math.sqrt(value) : value);
// An end that is open, or outside of what the axis shows, lies at the axis' end.
const clipped = (axis, value, open) => plotted(
    axis,
    Math.min(
        Math.max(axis.low, axis.high), Math.max(Math.min(axis.low, axis.high), value ?? open)));
const spaced = (axis, pixels, least) => axis.ticks.reduce((kept, tick) => {
  const last = kept[kept.length - 1];
  if (!last || pixels * Math.abs(shareOf(axis, tick.at) - shareOf(axis, last.at)) >= least)
    kept.push(tick);
  return kept;
}, []);

function axisOf(colours, axis, pixels, least) {
  const ticks = spaced(axis, pixels, least);
  const words = (tick) => (tick.bold ? `<b>${label(tick.words, 24)}</b>` : label(tick.words, 24));
  const ends = [axis.low, axis.high].map(
      (end) => (axis.scale === 'logarithmic' ? Math.log10(end) : plotted(axis, end)));
  return {
    type: axis.scale === 'logarithmic' ? 'log' : 'linear',
    range: ends,
    fixedrange: true,
    zeroline: false,
    title: {text: escape(axis.title), standoff: 8, font: {size: 12}},
    tickfont: {size: 12, color: axis.title ? colours.soft : colours.ink},
    tickvals: ticks.map((tick) => plotted(axis, tick.at)),
    ticktext: ticks.map(words),
    tickangle: 0,
    showgrid: axis.grid,
    gridcolor: colours.faint,
    showline: axis.framed,
    linecolor: colours.soft,
    ticks: axis.framed ? 'outside' : '',
    tickcolor: colours.soft,
  };
}

// --- Series: a function a kind gives what Plotly draws. `frame`: { x, y } are the axes, `across`
// pixels their width.

const colourOf = (colours, series) =>
    (series.style === null ? colours.soft : colours.lines[series.style]);
const lineOf = (colours, series) => ({
  color: colourOf(colours, series),
  width: series.size,
  dash: series.dotted         ? dots
      : series.style === null ? 'solid'
                              : dashes[series.style] || 'solid'
});
const openSymbols = {
  up: 'triangle-up-open',
  down: 'triangle-down-open',
  tick: 'line-ns'
};
const shifted = (frame, series, value) => {
  const share = (series.aside ?? 0) / frame.across;
  const {low, high, scale} = frame.x;
  return plotted(
      frame.x,
      scale === 'logarithmic' ? value * (high / low) ** share : value + share * (high - low));
};
// Of point i: its heading in bold.
const hoverOf = (series, i) => {
  const words = series.hovers?.[i] ||
      (series.hover ?? '').replace('{x}', series.x[i]).replace('{y}', series.y[i]);
  const [heading, ...lines] = words.split('\n').map(escape);
  return words ? [`<b>${heading}</b>`, ...lines].join('<br>') : '';
};
const hoversOf = (series) =>
    (series.hover || series.hovers
         ? {hoverinfo: 'text', hovertext: series.x.map((_, i) => hoverOf(series, i))}
         : {hoverinfo: 'skip'});

const drawers = {
  // Also where there is no line to draw: the legend has its entry.
  line: (colours, frame, series) => [{
    mode: series.name && series.style !== null ? 'lines+markers' : 'lines',
    line: lineOf(colours, series),
    ...hoversOf(series),
    marker: {symbol: symbols[series.style ?? 0], size: .01, color: colourOf(colours, series)},
    x: series.x.length ? series.x.map((x) => plotted(frame.x, x)) : [null],
    y: series.y.length ? series.y.map((y) => plotted(frame.y, y)) : [null],
  }],
  band: (colours, frame, series) => {
    const x = series.x.map((one) => plotted(frame.x, one));
    const [low, high] =
        ['low', 'high'].map((end) => series[end].map((one) => clipped(frame.y, one, frame.y[end])));
    return [{
      mode: 'lines',
      x: [...x, ...[...x].reverse()],
      y: [...high, ...low.reverse()],
      fill: 'toself',
      line: {width: 0},
      fillcolor: colourOf(colours, series) + '26',
      hoverinfo: 'skip'
    }];
  },
  upright: (colours, frame, series) => [{
    mode: 'lines',
    line: {color: colourOf(colours, series), width: series.size},
    hoverinfo: 'skip',
    x: series.x.flatMap((x) => [shifted(frame, series, x), shifted(frame, series, x), null]),
    y: series.x.flatMap(
        (_, i) =>
            [clipped(frame.y, series.low[i], frame.y.low),
             clipped(frame.y, series.high[i], frame.y.high), null]),
  }],
  across: (colours, frame, series) => series.y.map((y, i) => {
    const colour = colourOf(colours, series);
    const closed = [series.low[i] !== null, series.high[i] !== null];
    const marked = closed.map((one) => series.ends === 'all' || (series.ends === 'open' && !one));
    const words = hoverOf(series, i);
    return {
      mode: 'lines+markers',
      line: {color: colour, width: series.size},
      hoverinfo: 'text',
      hovertext: [words, words],
      x: ['low', 'high'].map((end) => clipped(frame.x, series[end][i], frame.x[end])),
      y: [plotted(frame.y, y), plotted(frame.y, y)],
      marker: {
        symbol: ['left', 'right'].map((end, k) => (closed[k] ? 'line-ns' : `triangle-${end}`)),
        size: closed.map((one) => (one ? 12 : 10)),
        opacity: marked.map(Number),
        color: colour,
        line: {color: colour, width: closed.map((one) => (one ? 2 : 0))},
      },
    };
  }),
  marks: (colours, frame, series) => {
    const colour = colourOf(colours, series);
    const strokes = series.style === null;
    return [{
      mode: 'markers',
      opacity: 1,
      x: series.x.map((x) => shifted(frame, series, x)),
      y: series.y.map((y) => plotted(frame.y, y)),
      ...hoversOf(series),
      marker: {
        symbol:
            series.x.map((_, i) => openSymbols[series.symbols?.[i]] ?? symbols[series.style ?? 0]),
        size: series.size,
        color: colour,
        opacity: series.opacity ?? 1,
        line: {color: strokes ? colour : colours.card, width: series.opacity < 1 ? 0 : 1.5}
      },
    }];
  },
};

// A heat map: cells with a share, cells without one, words on both.
function tracesOfCells(colours, frame, cells) {
  const rows = [...new Set(frame.y.ticks.map((tick) => tick.at))];
  const columns = [...new Set(frame.x.ticks.map((tick) => tick.at))];
  const empty = (value) => rows.map(() => columns.map(() => value));
  const layers = [false, true].map((filled) => {
    const z = empty(null);
    const hovertext = empty('');
    cells.x.forEach((x, i) => {
      if ((cells.share[i] !== null) !== filled) return;
      z[cells.y[i]][x] = filled ? 100 * cells.share[i] : 1;
      hovertext[cells.y[i]][x] = hoverOf(cells, i);
    });
    return {
      type: 'heatmap',
      x: columns,
      y: rows,
      z,
      hovertext,
      xgap: 2,
      ygap: 2,
      hoverinfo: 'text',
      hoverongaps: false,
      showscale: filled
    };
  });
  Object.assign(layers[0], {colorscale: [[0, colours.none], [1, colours.none]]});
  Object.assign(layers[1], {
    zmin: 0,
    zmax: 100,
    colorscale: colours.scale.map((colour, i) => [i / (colours.scale.length - 1), colour]),
    colorbar: {
      thickness: 10,
      outlinewidth: 0,
      tickvals: [0, 50, 100],
      ticktext: ['0 %', '50 %', '100 %'],
      tickfont: {size: 11, color: colours.soft},
      len: 1,
      lenmode: 'fraction',
      y: .5,
      ypad: 0,
      x: 1.01,
      xpad: 6
    }
  });
  const ink = (share) =>
      (share === null                ? colours.none_ink
           : share > colours.on_from ? colours.on_high
                                     : colours.on_low);
  const size = Math.min(
      13, Math.max(8, frame.across / columns.length / 3.4),
      Math.max(7, .72 * frame.upwards / rows.length));
  return [
    ...layers, {
      type: 'scatter',
      mode: 'text',
      x: cells.x,
      y: cells.y,
      text: cells.words.map(escape),
      textfont: {size, color: cells.share.map(ink)},
      hoverinfo: 'skip'
    }
  ];
}

function labelOf(colours, frame, names, one) {
  const [x, y] = ['x', 'y'].map(
      (name) =>
          (frame[name].scale === 'logarithmic' ? Math.log10(one[name])
                                               : plotted(frame[name], one[name])));
  const anchors = {start: ['left', 'middle'], end: ['right', 'bottom'], above: [
                     'center', 'bottom'
                   ]}[one.place];
  return {
    text: label(one.words),
    x,
    y,
    xref: names.x,
    yref: names.y,
    xanchor: anchors[0],
    yanchor: anchors[1],
    xshift: one.place === 'start' ? 6 : 0,
    showarrow: false,
    font: {size: 11, color: colours.soft},
    bgcolor: one.place === 'end' ? colours.card : 'rgba(0,0,0,0)'
  };
}
