; Helix: rules and tests are its functions, what is declared its classes
(rule) @function.around
(rule (_) @function.inside)
(terms_of_grants) @function.around
(test) @function.around
(test (_) @function.inside)
(resource) @class.around
(resource (_) @class.inside)
(extend) @class.around
(bind) @class.around
(field) @parameter.inside
(pair) @parameter.inside
(allow) @entry.around
(when (_) @entry.inside) @entry.around
(comparison) @entry.inside
(comment) @comment.around
(call) @entry.around
