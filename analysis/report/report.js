// Draws the report's figures, as figure.hpp describes them and #data holds them, with Plotly; again
// where theme, width, medium or a choice change.

// --- Places and sizes

// The figure at a place: that of its choices where there are several.
function figureAt(element) {
  const figures = data.figures[element.dataset.figure];
  const choices =
      [...element.parentElement.querySelectorAll('select')].map((select) => select.value);
  return figures.length === 1
      ? figures[0]
      : figures.find((figure) => figure.choice.every((word, i) => word === choices[i]));
}

// Options of a place's choices, each of those that go with the ones before it: first the first of
// the first, and the last of the others.
function offerChoices(element) {
  const figures = data.figures[element.dataset.figure];
  const selects = [...element.parentElement.querySelectorAll('select')];
  const offer = (from) => selects.slice(from).forEach((select, k) => {
    const fits = figures.filter(
        (figure) => selects.slice(0, from + k).every((one, i) => figure.choice[i] === one.value));
    const words = [...new Set(fits.map((figure) => figure.choice[from + k]))];
    const before = select.value;
    select.replaceChildren(...words.map(
        (word) =>
            Object.assign(document.createElement('option'), {value: word, textContent: word})));
    select.value = words.includes(before) ? before : words[from + k === 0 ? 0 : words.length - 1];
  });
  offer(0);
  selects.forEach((select, i) => select.addEventListener('change', () => {
    offer(i + 1);
    draw(element);
  }));
}

// On paper the page is laid out anew after the figures are drawn, so their size is settled: half of
// its width, or all of it.
function sizeOf(element, figure) {
  const half = element.closest('.maps, .forests') !== null;
  if (figure.height_counts && !printing) element.style.height = `${figure.height}px`;
  const [width, height] = printing
      ? (half ? [336, 330] : [690, 400])
      : [element.clientWidth, element.clientHeight];
  return {width, height: figure.height_counts ? figure.height : height};
}

// --- The whole figure

// Entries of a legend as wide as `across`, and the room that it takes: one row where all fit, else
// columns as wide as the widest.
function legendOf(series, narrow, across) {
  const size = narrow ? 11 : 13;
  const name = (one) =>
      (narrow ? label(one.name, 16)
              : label(one.name, 24) + (one.detail ? `: ${escape(one.detail)}` : ''));
  const names = new Map(series.filter((one) => one.name).map((one) => [one, name(one)]));
  const widths =
      [...names.values()].map((words) => (narrow ? 44 : 60) + .51 * size * lengthOf(words));
  const fits = widths.reduce((sum, width) => sum + width, 0) <= across;
  const columns = Math.max(1, Math.floor(across / Math.max(...widths)));
  const rows = fits ? Math.min(1, widths.length) : Math.ceil(widths.length / columns);
  return {names, room: 1.7 * (size + 4) * rows, size};
}

function marginsOf(figure, columns) {
  const panels = panelsOf(columns.slice(0, 1));
  const longest = Math.max(
      2,
      ...panels.flatMap((panel) => panel.y.ticks.map((tick) => lengthOf(label(tick.words, 24)))));
  const raised = panelsOf(columns).some(
      (panel) => panel.labels.some((one) => one.place === 'above'));
  return {
    l: 18 + 7.3 * longest + (panels.some((panel) => panel.y.title) ? 18 : 0),
    r: panelsOf(columns).some((panel) => panel.cells) ? 66 : 20,
    t: 68 + (columns[0].title ? 22 : 0) +
        (raised ? 16 : 0),
    b: figure.note ? 72 : 56,
  };
}

function layoutOf(colours, figure, size, margin, legend) {
  const room = Math.max(8, Math.floor((size.width - 44) / 6.3) - figure.subtitle.length - 2);
  const task = figure.task ? `; ${label(figure.task, room)}` : '';
  return {
    ...size,
    margin,
    annotations: [],
    hovermode: 'closest',
    hoverdistance: 16,
    dragmode: false,
    showlegend: legend.names.size > 0,
    title: {
      text: label(figure.title, Math.floor((size.width - 60) / 9)),
      x: 0,
      xref: 'container',
      xanchor: 'left',
      pad: {l: 16, t: 16},
      y: 1,
      yref: 'container',
      yanchor: 'top',
      font: {size: 15, weight: 600, color: colours.ink},
      subtitle:
          {text: escape(figure.subtitle) + task, font: {size: 12, weight: 400, color: colours.soft}}
    },
    font: {family: font, size: 13, color: colours.ink},
    paper_bgcolor: colours.card,
    plot_bgcolor: colours.card,
    hoverlabel: {
      align: 'left',
      bgcolor: colours.card,
      bordercolor: colours.soft,
      font: {family: font, size: 13, color: colours.ink}
    },
    modebar: {bgcolor: 'rgba(0,0,0,0)', color: colours.soft, activecolor: colours.ink},
    legend: {
      orientation: 'h',
      x: 0,
      xanchor: 'left',
      y: 1 - 61 / size.height,
      yref: 'container',
      yanchor: 'top',
      font: {size: legend.size},
      bgcolor: 'rgba(0,0,0,0)',
      itemwidth: legend.size < 13 ? 30 : 46
    },
  };
}

// One panel: its axes into the layout, its traces to the others. `place`: number of its column and
// of itself, and its shares of the figure.
function addPanel(plot, column, panel, place) {
  const {colours, size, layout, legend, traces} = plot;
  const names = {x: nameOf('x', place.column), y: nameOf('y', place.panel)};
  const frame = {
    x: column.x,
    y: panel.y,
    across: (place.across[1] - place.across[0]) * (size.width - layout.margin.l - layout.margin.r),
    upwards:
        (place.upwards[1] - place.upwards[0]) * (size.height - layout.margin.t - layout.margin.b),
  };
  // Ticks keep their distance as in figure_svg.cpp: tick_room_across and tick_room_upwards.
  // The axis at the left is the same in all columns, so only the first of them names it.
  const bare = place.column > 0 ? {showticklabels: false, title: {text: ''}} : {};
  layout[nameOf('yaxis', place.panel)] = {
    ...axisOf(colours, panel.y, frame.upwards, 16),
    domain: place.upwards,
    anchor: names.x,
    ...bare
  };
  layout[nameOf('xaxis', place.column)] = {
    ...axisOf(colours, column.x, frame.across, 36),
    domain: place.across,
    anchor: names.y
  };
  const common = {type: 'scatter', xaxis: names.x, yaxis: names.y};
  if (panel.cells)
    traces.push(...tracesOfCells(colours, frame, panel.cells)
                    .map((trace) => ({...common, showlegend: false, ...trace})));
  for (const series of panel.series) {
    const look = {
      ...common,
      name: legend.names.get(series),
      showlegend: legend.names.has(series),
      opacity: series.opacity ?? 1
    };
    if (series.of) look.legendgroup = series.of;
    traces.push(
        ...drawers[series.kind](colours, frame, series).map((trace) => ({...look, ...trace})));
  }
  layout.annotations.push(...panel.labels.map((one) => labelOf(colours, frame, names, one)));
}

function addWords(plot, figure, columns, across) {
  const {colours, layout} = plot;
  const common = {xref: 'paper', yref: 'paper', yanchor: 'bottom', showarrow: false};
  columns.forEach((column, i) => {
    if (!column.title) return;
    layout.annotations.push({
      ...common,
      text: `<b>${label(column.title)}</b>`,
      x: (across[i][0] + across[i][1]) / 2,
      y: 1,
      yshift: 4,
      font: {size: 12, color: colours.ink}
    });
  });
  if (!figure.note) return;
  layout.annotations.push({
    ...common,
    text: escape(figure.note),
    x: 0,
    y: 0,
    yshift: -66,
    xanchor: 'left',
    font: {size: 11, color: colours.soft}
  });
}

// Equal parts of [0, 1] with gaps between them.
const partsOf = (count, gap) => {
  const part = (1 + gap) / count;
  return Array.from({length: count}, (_, i) => [i * part, Math.min(1, (i + 1) * part - gap)]);
};

function drawFigure(element) {
  const figure = figureAt(element);
  const colours = theme();
  const size = sizeOf(element, figure);
  const narrow = size.width < 560;
  // A narrow page shows the two columns in the middle.
  const most = narrow ? 2 : 4;
  const first = Math.max(0, (figure.columns.length - most) >> 1);
  const columns = figure.columns.slice(first, first + most);
  const margin = marginsOf(figure, columns);
  const legend = legendOf(
      panelsOf(columns).flatMap((panel) => panel.series), narrow, size.width - margin.l - margin.r);
  margin.t += legend.room;
  const plot =
      {colours, size, legend, traces: [], layout: layoutOf(colours, figure, size, margin, legend)};
  const across = partsOf(columns.length, columns.length > 2 ? .04 : .1);
  let panels = 0;
  columns.forEach((column, i) => {
    const upwards = partsOf(column.panels.length, .08).reverse();
    column.panels.forEach(
        (panel, j) => addPanel(
            plot, column, panel,
            {column: i, panel: panels++, across: across[i], upwards: upwards[j]}));
  });
  addWords(plot, figure, columns, across);
  return Plotly.react(element, plot.traces, plot.layout, {
    displaylogo: false,
    displayModeBar: true,
    modeBarButtons: [['toImage']],
    toImageButtonOptions:
        {format: 'svg', filename: figure.file, width: figure.width, height: figure.height}
  });
}

// --- All of them

const places = [...document.querySelectorAll('figure[data-figure]')];
const draw = (...elements) => {
  // So that a program that takes pictures knows when.
  document.documentElement.dataset.figures = 'drawing';
  return Promise.all((elements.length ? elements : places).map(drawFigure)).then(() => {
    document.documentElement.dataset.figures = 'drawn';
  });
};
places.filter((element) => data.figures[element.dataset.figure][0].choice).forEach(offerChoices);
draw();
dark.addEventListener('change', () => draw());
let width = window.innerWidth;
window.addEventListener('resize', () => {
  if (window.innerWidth === width) return;
  width = window.innerWidth;
  draw();
});
window.addEventListener('beforeprint', () => {
  printing = true;
  draw();
});
window.addEventListener('afterprint', () => {
  printing = false;
  draw();
});
