#!/usr/bin/env bash
# ONNX Runtime 1.32.0, onnx 1.23.2, NumPy 2.4.6
#
# Behaviour: `Sigmoid` of float64 is computed as 1 - 1/(1 + exp(x)) where x is negative. The difference of two numbers near 1
# keeps 16 digits after the point, not 16 digits: at -20 seven of them are right, at -30 two, and from -37 on the result is
# exactly 0, although float64 could tell values down to -745. Nothing warns, and a test with an absolute tolerance passes. The
# same formula made of the operators Neg, Exp, Add and Reciprocal is right to the last digits.
#
# Output seen (x; exact; Sigmoid; its cross-entropy -log; by Reciprocal):
#   -5    6.692850924e-03  6.692850924e-03    5.01  6.692850924e-03
#   -20   2.061153618e-09  2.061153692e-09   20.00  2.061153618e-09
#   -30   9.357622969e-14  9.348077867e-14   30.00  9.357622969e-14
#   -36   2.319522830e-16  2.220446049e-16   36.04  2.319522830e-16
#   -37   8.533047626e-17  0.000000000e+00     inf  8.533047626e-17
#   -100  3.720075976e-44  0.000000000e+00     inf  3.720075976e-44
#
# Zeros from -18 on were reported for float32; who goes to float64 for that only moves them. The log loss of an exported network
# is infinite for one label of which it is sure and wrong, where it was 37 in training.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "onnxruntime==1.32.0" "onnx==1.23.2" "numpy==2.4.6"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper


def compute(nodes, x):
    value = {each: helper.make_tensor_value_info(each, TensorProto.DOUBLE, ["N"]) for each in "xy"}
    graph = helper.make_graph([helper.make_node(*each) for each in nodes], "graph", [value["x"]], [value["y"]])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


x = np.array([-5.0, -20.0, -30.0, -36.0, -37.0, -100.0])
exact = np.exp(x) / (1 + np.exp(x))
sigmoid = compute([("Sigmoid", ["x"], ["y"])], x)
one = [("Sub", ["x", "x"], ["zero"]), ("Exp", ["zero"], ["one"])]
steps = [("Neg", ["x"], ["minus"]), ("Exp", ["minus"], ["exp"]), ("Add", ["exp", "one"], ["sum"]), ("Reciprocal", ["sum"], ["y"])]
reciprocal = compute([*one, *steps], x)
for row in zip(x, exact, sigmoid, -np.log(sigmoid), reciprocal):
    print("{:<4.0f}  {:.9e}  {:.9e}  {:6.2f}  {:.9e}".format(*row))
assert np.allclose(reciprocal, exact, rtol=1e-14, atol=0)
error = abs(sigmoid / exact - 1)
assert (sigmoid[x <= -37] == 0).all() and error[1] > 1e-9 and error[2] > 1e-4, "Sigmoid is right to the last digits by now"
PYTHON
