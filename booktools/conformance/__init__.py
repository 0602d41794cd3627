"""Whether the losses of TRL, verl and Stable-Baselines3 are what the equations say (`make conformance`).

`batch` is one small batch; `ours` the equations, in numpy, with the gradient as scores times numbers;
`with_trl` and its like call the libraries' own functions on that batch; `rows_trl` and its like say which
option is which equation, and what it is not. Only the environment of `make conformance` has the libraries.
"""
