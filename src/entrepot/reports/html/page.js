// Draws the charts of the report from the figures in the page. Amounts are minor units until they are shown.
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const units = (minor) => minor / figures.scale;
  // Two figures at least: 5.5k and 6.4k are not the same bar.
  const digits = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2)).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  const short = (value) => {
    const unit = figures.units.find(([size]) => Math.abs(value) >= size);
    return unit ? digits(value / unit[0]) + unit[1] : digits(value);
  };
  const exact = (value) => value.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const colours = ["#0f6e84", "#e0873a", "#5b8c5a", "#8a5a9e", "#c7a22b", "#3d6fb4", "#b4534b", "#6b7785"];
  const grid = { left: 8, right: 12, top: 34, bottom: 8, containLabel: true };
  const axis = { type: "value", axisLabel: { formatter: short }, splitLine: { lineStyle: { color: "#edf1f4" } } };
  const charts = [];
  const draw = (id, option) => {
    if (!document.getElementById(id)) return;
    const chart = echarts.init(document.getElementById(id), null, { renderer: "svg" });
    chart.setOption({ color: colours, animation: false, grid, ...option });
    charts.push(chart);
  };

  // A step that crosses zero is drawn as two bars, one on each side; one that does not stands on an unseen bar.
  const colourOf = (step) => (step.total ? "#0f6e84" : step.to >= step.from ? "#5b8c5a" : "#c9743a");
  const waterfallSeries = (all) => {
    const above = (step) => [Math.max(0, Math.min(step.from, step.to)), Math.max(0, Math.max(step.from, step.to))];
    const below = (step) => [Math.min(0, Math.max(step.from, step.to)), Math.min(0, Math.min(step.from, step.to))];
    const bar = (stack, side, shown, labelled) => ({
      type: "bar", stack, barGap: "-100%", barMaxWidth: 64, silent: !shown,
      data: all.map((step) => ({
        value: units(shown ? side(step)[1] - side(step)[0] : side(step)[0]),
        itemStyle: { color: shown ? colourOf(step) : "transparent" },
        label: { show: shown && labelled(step), position: (onSide ? ["left", "right"] : ["bottom", "top"])[step.to < 0 ? 0 : 1], formatter: () => short(units(step.to - step.from)) },
      })),
    });
    return [bar("above", above, false, () => false), bar("above", above, true, (step) => step.to >= 0),
      bar("below", below, false, () => false), bar("below", below, true, (step) => step.to < 0)];
  };
  const steps = figures.waterfall;
  const waterfall = document.getElementById("waterfall");
  const stepWidth = waterfall.clientWidth / Math.max(steps.length, 1);
  // On a phone the words of the steps have no room beside each other, so the steps stand below each other.
  const onSide = stepWidth < 36;
  if (onSide) waterfall.style.height = 26 * steps.length + 60 + "px";
  const labelWidth = onSide ? 96 : Math.max(44, stepWidth - 4);
  const ofSteps = { type: "category", inverse: onSide, data: steps.map((step) => step.name), axisLabel: { interval: 0, width: labelWidth, overflow: "break", fontSize: 10 } };
  // Room below for the labels of steps that lead under zero, and at the side for those that lead far.
  const ofAmounts = { ...axis, splitNumber: onSide ? 3 : 5, boundaryGap: onSide ? [steps.some((step) => step.to < 0) ? "14%" : "0%", "0%"] : ["12%", "4%"] };
  draw("waterfall", {
    tooltip: { trigger: "item", formatter: (hit) => hit.name + "<br>" + figures.currency + " " + exact(units(steps[hit.dataIndex].to - steps[hit.dataIndex].from)) },
    grid: { ...grid, right: onSide ? 52 : 12 },
    xAxis: onSide ? ofAmounts : ofSteps,
    yAxis: onSide ? ofSteps : ofAmounts,
    series: waterfallSeries(steps),
  });
  // All names at once: paper cannot be scrolled.
  const legend = { top: 0, left: 0, itemWidth: 12, itemHeight: 8, itemGap: 8, textStyle: { fontSize: 11 } };
  const stacked = (names, series) => ({
    tooltip: { trigger: "axis", valueFormatter: (value) => (value == null ? "?" : exact(value)) }, legend, grid: { ...grid, top: 58 },
    xAxis: { type: "category", data: names }, yAxis: axis,
    series: series.map((each) => ({ name: each.name, type: "bar", stack: "all", barMaxWidth: 48, color: colours[each.colour % colours.length], data: each.data.map((minor) => (minor === null ? null : units(minor))) })),
  });
  draw("monthly", stacked(figures.monthly.months, figures.monthly.series));
  draw("contribution", stacked(figures.contribution.months, figures.contribution.series));
  draw("ageing", stacked(figures.ageing.days, figures.ageing.series));
  draw("channels", {
    tooltip: { trigger: "axis", valueFormatter: (value) => (value == null ? "?" : exact(value)) },
    // The last number of the axis is as wide as the room beside it.
    grid: { ...grid, right: 28 },
    xAxis: { ...axis, splitNumber: 3 }, yAxis: { type: "category", inverse: true, data: figures.channels.names },
    series: [{ type: "bar", barMaxWidth: 22, data: figures.channels.margin.map((minor) => minor === null ? { value: null } : ({ value: units(minor), itemStyle: { color: minor < 0 ? "#b4534b" : "#0f6e84" } })) }],
  });
  draw("fees", {
    tooltip: { trigger: "item", valueFormatter: exact }, legend: { ...legend, top: "auto", bottom: 0 },
    series: [{ type: "pie", radius: ["26%", "42%"], center: ["50%", "28%"], minShowLabelAngle: 8, label: { formatter: (hit) => hit.percent.toFixed(hit.percent < 10 ? 1 : 0) + "%" }, data: figures.fees.map((fee) => ({ name: fee.name, value: units(fee.value) })) }],
  });
  const fit = () => charts.forEach((chart) => chart.resize());
  addEventListener("resize", fit);
  // Paper is narrower than the window that drew them.
  addEventListener("beforeprint", fit);
  addEventListener("afterprint", fit);
})();
