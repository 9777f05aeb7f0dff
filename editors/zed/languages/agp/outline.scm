(agent "agent" @context name: (_) @name) @item
(agents "agents" @context name: (_) @name) @item
(intent "intent" @context name: (_) @name) @item
(resource name: (_) @name) @item
(action name: (_) @name) @item
(meter "meter" @context name: (_) @name) @item
(rule name: (_) @name) @item
(terms_of_grants "terms" @context name: (_) @name) @item
(test "test" @context name: (_) @name) @item
(bind "bind" @context name: (_) @name) @item
