import { startEngine } from "./lib/engine/backend.ts";
import { openStudentFile } from "./lib/teachers/student_file.ts";
import { openTask } from "./lib/evaluation/tasks/open_task.ts";
import { classificationEvaluator } from "./lib/evaluation/classification.ts";
import { loadOnnxRuntime } from "./lib/export/onnx/runtime.ts";
import { onnxExtractor } from "./lib/compression/onnx_extractor.ts";
await startEngine();
const backbone = await openStudentFile("/work/main/runs/tiny_imagenet","s");
const recipe = JSON.parse(await Deno.readTextFile("/work/main/runs/tiny_imagenet/recipe.json"));
const rt = await loadOnnxRuntime();
const limit = Number(Deno.args[0]);
for (const f of Deno.args.slice(1)) {
  const session = await rt.open(await Deno.readFile(f));
  const extractor = onnxExtractor(rt, session, backbone);
  const v=[]; const t=performance.now();
  for (const s of recipe.evaluation.tasks) { const task = await openTask(s, {canvas:64, ...limit?{limit}:{}}); const [m] = await classificationEvaluator(task as any,{}).measure({name:f, role:"student", backbone, extractor} as any); v.push(m.row.value); task.close(); }
  console.log(f, (v.reduce((a,b)=>a+b)/v.length).toFixed(2), v.map(x=>x.toFixed(1)).join(" "), ((performance.now()-t)/1000).toFixed(1)+" s");
}
