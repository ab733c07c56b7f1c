// Runs the pure parts in Node, from a folder of plain ES modules: node pure_parts_node.mjs FOLDER
import process from "node:process";
import { pathToFileURL } from "node:url";
import { compute } from "./pure_parts.mjs";

const load = (path) => import(pathToFileURL(`${process.argv[2]}/lib/${path}.mjs`).href);
const numbers = await compute({
  metrics: await load("metrics/mod"),
  random: await load("tensors/random"),
  schedules: await load("tensors/schedules"),
  teacherDrop: await load("method/teacher_drop"),
});
console.log(JSON.stringify(numbers));
