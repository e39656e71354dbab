//! The library itself. An example, because only an example can be a loadable library that is built on demand: together
//! with the workspace, so that nothing that both need is built twice, and only with libtorch.

use giqa_torch as _;
