// The look, inside the shadow: nothing of the page comes in but its text size, nothing goes out.

export const STYLE = `
:host{all:initial!important;position:fixed!important;z-index:2147483000!important;inset:0 auto auto 0!important;display:block!important;width:0!important;height:0!important}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
.root{--ink:#17211d;--muted:#5c655f;--paper:#fbfaf7;--surface:#fff;--line:#e6e3dc;--soft:#f1efe9;--danger:#b3261e;--focus:var(--accent-line);
font:400 15px/1.5 Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink);text-align:start;-webkit-text-size-adjust:100%}
.root.dark{--ink:#e8ece9;--muted:#9aa59f;--paper:#141816;--surface:#1c221f;--line:#2d3531;--soft:#262d29;--danger:#f2887f}
button,textarea{font:inherit;color:inherit;margin:0}
button{cursor:pointer}
.panel,.column,.row,.picks{display:flex;flex-direction:column}
.launch,.x,.down,.go{display:grid;place-items:center}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
svg{width:24px;height:24px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round;display:block}
.launch{position:fixed;bottom:calc(20px + env(safe-area-inset-bottom));width:56px;height:56px;border:0;border-radius:50%;background:var(--accent);color:var(--on-accent);box-shadow:0 6px 24px rgba(20,30,25,.24);transition:transform .15s}
.launch:hover{transform:translateY(-2px)}
.at-right .launch,.at-right .panel{right:calc(20px + env(safe-area-inset-right))}
.at-left .launch,.at-left .panel{left:calc(20px + env(safe-area-inset-left))}
.badge{position:absolute;top:-4px;inset-inline-end:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#b04d14;color:#fff;font-size:12px;font-weight:600;line-height:22px;text-align:center;font-variant-numeric:tabular-nums}
.panel{position:fixed;bottom:calc(88px + env(safe-area-inset-bottom));width:384px;max-width:calc(100vw - 40px);height:620px;max-height:calc(100vh - 112px);background:var(--paper);border:1px solid var(--line);border-radius:14px;overflow:hidden;box-shadow:0 16px 48px rgba(20,30,25,.22);animation:rise .18s ease-out}
@keyframes rise{from{opacity:0;transform:translateY(8px)}}
.head{flex:none;display:flex;align-items:center;gap:12px;padding:12px;padding-inline-start:20px;background:var(--accent);color:var(--on-accent)}
.head h2{flex:1;min-width:0;margin:0;padding:6px 0;font-size:18px;line-height:1.3;font-weight:620;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.x{flex:none;width:40px;height:40px;border:0;border-radius:10px;background:transparent}
.x:hover{background:rgba(127,127,127,.22)}
.x:focus-visible{outline-color:currentColor;outline-offset:-2px}
.offline{flex:none;margin:0;padding:8px 20px;font-size:13px;background:var(--soft);color:var(--ink)}
.log{flex:1;min-height:0;overflow-y:auto;overscroll-behavior:contain;padding:20px 16px 12px;scrollbar-width:thin}
.column{gap:2px;min-height:100%;justify-content:flex-end}
.row{align-items:flex-start;max-width:86%;padding-inline-end:8px}
.row.mine{align-self:flex-end;align-items:flex-end;padding-inline:8px 0}
.row.theirs+.row.mine,.row.mine+.row.theirs{margin-top:8px}
.name{font-size:12px;font-weight:600;color:var(--muted);margin:8px 4px 2px}
.bubble{max-width:100%;padding:9px 13px;border-radius:14px;border-end-start-radius:4px;background:var(--surface);border:1px solid var(--line);overflow-wrap:anywhere}
.mine .bubble{background:var(--accent);border-color:transparent;color:var(--on-accent);border-end-start-radius:14px;border-end-end-radius:4px}
.row[data-state=waiting] .bubble{opacity:.7}
.row[data-state=refused] .bubble{background:var(--soft);color:var(--ink);border-color:var(--danger)}
.bubble p{margin:0;white-space:pre-wrap}
.bubble p+p{margin-top:6px}
.bubble small{display:block;font-size:13px;color:var(--muted)}
.bubble h3{margin:12px 0 4px;font-size:13px;font-weight:600}
.bubble img{display:block;max-width:100%;max-height:260px;border-radius:8px}
.quiet{color:var(--muted);font-style:italic}
a{color:var(--accent-line);text-decoration:underline;text-underline-offset:2px}
.mine a{color:inherit}
.picks{gap:6px;margin-top:10px}
.pick,summary{min-height:40px;padding:8px 12px;border:1px solid var(--line);border-radius:10px;background:var(--paper);color:var(--accent-line);font-weight:550;text-align:center}
.pick{display:block;width:100%;text-decoration:none}
.pick.link{margin-top:10px;line-height:22px}
details .pick{text-align:start}
.pick:hover:not(:disabled){border-color:var(--accent-line)}
.pick:disabled{color:var(--muted);cursor:default;font-weight:400}
summary{margin-top:10px;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
.sources{display:flex;flex-wrap:wrap;gap:4px;margin-top:4px}
.chip{font-size:12px;line-height:18px;padding:2px 8px;border-radius:9px;background:var(--soft);color:var(--muted);overflow-wrap:anywhere}
.foot{display:flex;flex-wrap:wrap;gap:0 8px;min-height:18px;margin:2px 4px 4px;font-size:12px;line-height:18px;color:var(--muted);font-variant-numeric:tabular-nums}
.bad{color:var(--danger)}
.again{padding:0;min-height:24px;margin-top:-3px;border:0;background:none;color:var(--danger);font-weight:600;text-decoration:underline}
.dots{display:flex;gap:4px;padding:7px 0}
.dots i{width:7px;height:7px;border-radius:50%;background:var(--muted);animation:dot 1.2s infinite}
.dots i:nth-child(2){animation-delay:.15s}
.dots i:nth-child(3){animation-delay:.3s}
@keyframes dot{0%,60%,100%{opacity:.3}30%{opacity:1}}
.down{position:absolute;bottom:76px;inset-inline-end:16px;width:36px;height:36px;border:1px solid var(--line);border-radius:50%;background:var(--surface);color:var(--ink);box-shadow:0 2px 8px rgba(20,30,25,.16)}
.down svg{width:18px;height:18px}
form{flex:none;display:flex;align-items:flex-end;gap:8px;margin:0;padding:10px 12px calc(12px + env(safe-area-inset-bottom));background:var(--paper);border-top:1px solid var(--line)}
textarea{flex:1;min-width:0;height:44px;max-height:140px;padding:10px 13px;resize:none;border:1px solid var(--line);border-radius:12px;background:var(--surface);font-size:16px;line-height:22px}
textarea::placeholder{color:var(--muted);opacity:1}
textarea:focus{outline:2px solid var(--focus);outline-offset:-1px;border-color:transparent}
.go{flex:none;width:44px;height:44px;border:0;border-radius:12px;background:var(--accent);color:var(--on-accent)}
.go:disabled{background:var(--soft);color:var(--muted);cursor:default}
.notice{margin:auto;padding:32px;text-align:center;color:var(--muted)}
.panel.page{inset:0;width:auto;max-width:none;height:auto;max-height:none;border:0;border-radius:0;box-shadow:none;animation:none}
.page .column,.page form,.page .head h2,.page .offline{width:100%;max-width:720px;margin-inline:auto}
.page .head{padding-inline:20px}
.page form{border-top:0}
@media (max-width:480px){.panel:not(.page){inset:0!important;width:auto;max-width:none;height:var(--height,100dvh);max-height:none;bottom:auto!important;border:0;border-radius:0}
.open .launch{display:none}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media print{.root{display:none}}
`.replace(/\n/g, '')
