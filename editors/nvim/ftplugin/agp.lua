vim.bo.commentstring = "# %s"
vim.bo.comments = ":##,:#"
vim.bo.shiftwidth = 4
vim.bo.expandtab = true
if pcall(vim.treesitter.start) then -- where the parser is installed
  vim.wo.foldexpr = "v:lua.vim.treesitter.foldexpr()"
end
