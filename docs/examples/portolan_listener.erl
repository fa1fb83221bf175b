%% The process that `portolan serve --push message` talks to: it knows who is in the cluster, and
%% connects to them. Start it in a supervisor; docs/PUSH.md has the messages.
-module(portolan_listener).
-behaviour(gen_server).
-export([start_link/0, members/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

start_link() -> gen_server:start_link({local, portolan}, ?MODULE, [], []).
members() -> gen_server:call(portolan, members).

init([]) -> {ok, #{}}.

handle_call(members, _From, Members) -> {reply, maps:keys(Members), Members}.
handle_cast(_, Members) -> {noreply, Members}.

handle_info({portolan, members, Nodes}, _) -> {noreply, connect(Nodes, #{})};
handle_info({portolan, joined, Node, _Info}, Members) -> {noreply, connect([Node], Members)};
handle_info({portolan, left, Node, _Info}, Members) -> {noreply, maps:remove(Node, Members)};
handle_info(_, Members) -> {noreply, Members}.

connect(Nodes, Members) ->
    lists:foldl(fun(Node, Known) -> Known#{Node => net_kernel:connect_node(Node)} end, Members,
                Nodes).
