"""The shared code of the book *Why Divide by π?*

One idea per module: `policies` (distributions with a score), `verify` (checks that stand
beside the equations) and `figures` (house style and reproducible SVG). Each module is short
enough to be read beside the chapter that derives it.
"""
