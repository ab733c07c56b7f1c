/**
 * Results for people: figures (plotly values), tables for terminals and documents, pages.
 *
 * @module
 */
// Figures of a run, of an evaluation, of an analysis, of an experiment
export { lossFigure } from "./figures/loss_figure.ts";
export { shareFigure } from "./figures/share_figure.ts";
export { type CurveName, trainingCurve } from "./figures/training_curve.ts";
export { comparisonFigure } from "./figures/comparison_figure.ts";
export { profileFigure } from "./figures/profile_figure.ts";
export { analysisFigures, type TitledFigure } from "./figures/analysis_figures.ts";
export {
  addedFeaturesFigure,
  alignmentFigure,
  errorOverlapFigure,
} from "./figures/analysis_heat_maps.ts";
export { componentsFigure, pruningFigure, spectrumFigure } from "./figures/analysis_curves.ts";
export { experimentFigure } from "./experiments/experiment_figure.ts";
// Figures of any matrix, their colours, and figures as pictures
export { heatMap, type HeatMapInput } from "./figures/heat_map.ts";
export { barChart, type BarChartInput } from "./figures/bar_chart.ts";
export type { Figure, FigureOptions } from "./figures/figure.ts";
export { darkTheme, lightTheme, type ModelRole, type Theme } from "./figures/theme.ts";
export { figurePng } from "./pictures/figure_picture.ts";
// Tables
export { comparisonText } from "./tables/comparison_table.ts";
export { taskTableMarkdown, taskTableText } from "./tables/task_table.ts";
export { evaluationCsv } from "./tables/evaluation_csv.ts";
export { costText } from "./tables/cost_table.ts";
export { deploymentText } from "./tables/deployment_table.ts";
export { analysisText } from "./tables/analysis_table.ts";
// The paper's claims against the results of experiments
export { judgeClaims, type JudgedClaim } from "../experiments/judge_claims.ts";
export type { ExperimentOutcome } from "../experiments/outcome.ts";
// The page about a run
export { reportRun } from "./page/run_report.ts";
export { renderReport } from "./page/report.ts";
export type { ReportInput } from "./page/report_input.ts";
export { plotlyScript } from "./figures/plotly_script.ts";
