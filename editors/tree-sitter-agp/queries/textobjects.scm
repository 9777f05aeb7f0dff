; Neovim: rules and tests are its functions, what is declared its classes
(rule) @function.outer
(rule (_) @function.inner)
(terms_of_grants) @function.outer
(test) @function.outer
(test (_) @function.inner)
(resource) @class.outer
(resource (_) @class.inner)
(extend) @class.outer
(bind) @class.outer
(field) @parameter.inner
(pair) @parameter.inner
(allow) @block.outer
(when (_) @conditional.inner) @conditional.outer
(comparison) @conditional.inner
(comment) @comment.outer
(call) @call.outer
