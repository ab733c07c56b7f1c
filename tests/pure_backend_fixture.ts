/**
 * Tests of pure functions import this to run on tfjs's own CPU backend, which needs no library and
 * starts at once. Its advice to install another, given with the first tensor, is silenced.
 */
import * as tf from "@tensorflow/tfjs";

await tf.setBackend("cpu");
tf.env().set("IS_TEST", true);
tf.scalar(0).dispose();
tf.env().set("IS_TEST", false);
