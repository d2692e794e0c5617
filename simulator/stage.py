"""The control API's stage directions: who lets devices in, what befalls them, who is in which group."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator import faults, views
from simulator.errors import conflict
from simulator.faults import FaultPlans
from simulator.gateway import Gateway
from simulator.groups import Groups
from simulator.linking import LinkingDesk
from simulator.model import Device
from simulator.network import Network
from simulator.replies import fields_of, json_response
from simulator.values import digits_of

CODE_LIMIT = 1000
SUBJECT_LIMIT = 100
MEMBERS_LIMIT = 200
NUMBER_LIMIT = 40


class Stage:
    """The handlers of devices and groups."""

    def __init__(self, network: Network, desk: LinkingDesk, plans: FaultPlans, gateway: Gateway) -> None:
        self._network = network
        self._groups = Groups(network)
        self._desk = desk
        self._plans = plans
        self._gateway = gateway

    def routes(self) -> list[Route]:
        """Their addresses."""
        phone, device = "/api/phones/{number}", "/api/devices/{device_id}"
        return [
            Route(f"{phone}/scan", self.scan, methods=["POST"]),
            Route(f"{phone}/pairing", self.type_code, methods=["POST"]),
            Route(f"{phone}/passkey", self.confirm_passkey, methods=["POST"]),
            Route(f"{phone}/devices", self.list_devices),
            Route(f"{phone}/devices/{{device_id}}", self.unlink_device, methods=["DELETE"]),
            Route("/api/linking", self.plan_linking, methods=["POST"]),
            Route(f"{device}/faults", self.plan_faults, methods=["POST"]),
            Route(f"{device}/conditions", self.set_conditions, methods=["POST"]),
            Route("/api/groups", self.list_groups),
            Route("/api/groups", self.make_group, methods=["POST"]),
            Route("/api/groups/{group_id}", self.change_group, methods=["PATCH"]),
        ]

    # letting devices in

    async def scan(self, request: Request) -> Response:
        """POST …/scan {code}: link the device that shows the code."""
        code = (await fields_of(request)).text("code", limit=CODE_LIMIT).strip()
        return self._link_answer(self._desk.scan(code, _digits(request)))

    async def type_code(self, request: Request) -> Response:
        """POST …/pairing {code}: link the device that shows the eight letters."""
        code = (await fields_of(request)).text("code", limit=CODE_LIMIT).strip()
        return self._link_answer(self._desk.type_code(code, _digits(request)))

    async def confirm_passkey(self, request: Request) -> Response:
        """POST …/passkey: the owner confirms the link that waits for it."""
        return self._link_answer(self._desk.confirm_passkey(_digits(request)))

    async def plan_linking(self, request: Request) -> Response:
        """POST /api/linking {passkey}: whether the next link needs a passkey."""
        self._desk.needs_passkey = (await fields_of(request)).flag("passkey")
        return json_response({"passkey": self._desk.needs_passkey})

    def _link_answer(self, device: Device | None) -> Response:
        """The device, or 202 where the owner has to confirm first."""
        if device is None:
            return json_response({"passkey_required": True}, status=202)
        return json_response(views.device_row(device, self._gateway.is_connected))

    async def list_devices(self, request: Request) -> Response:
        """GET …/devices."""
        devices = self._network.phone(_digits(request)).devices.values()
        rows = [views.device_row(device, self._gateway.is_connected) for device in devices]
        return json_response({"results": rows})

    async def unlink_device(self, request: Request) -> Response:
        """DELETE …/devices/{id}."""
        device = self._device(request)
        if device.phone != _digits(request):
            raise conflict("other_phone", "Este dispositivo é de outro telefone.")
        self._network.unlink_device(device.id)
        return Response(status_code=204)

    # what befalls them

    async def plan_faults(self, request: Request) -> Response:
        """POST /api/devices/{id}/faults: what goes wrong next, once."""
        device = self._device(request)
        fields = await fields_of(request)
        faults.check_known(fields)
        plan = self._plans.of(device.id)
        plan.plan(fields)
        if fields.has("drop") and fields.flag("drop"):
            self._gateway.drop(device.id)
        if fields.has("replace") and fields.flag("replace"):
            self._gateway.replace(device.id)
        return json_response(plan.as_row())

    async def set_conditions(self, request: Request) -> Response:
        """POST /api/devices/{id}/conditions {condition?, acks?, restricted?}: how things are from now on."""
        device = self._device(request)
        row = self._gateway.set_conditions(device.id, await fields_of(request))
        return json_response(row)

    def _device(self, request: Request) -> Device:
        return self._network.device(request.path_params["device_id"])

    # groups

    async def list_groups(self, request: Request) -> Response:
        """GET /api/groups."""
        state = self._network.state
        return json_response({"results": [views.group_row(state, group) for group in state.groups.values()]})

    async def make_group(self, request: Request) -> Response:
        """POST /api/groups {subject, participants}: numbers of phones, the maker first."""
        subject, members = await self._group_in(request)
        group = self._groups.make(subject, members)
        return json_response(views.group_row(self._network.state, group), status=201)

    async def change_group(self, request: Request) -> Response:
        """PATCH /api/groups/{id} {subject, participants}."""
        subject, members = await self._group_in(request)
        group = self._groups.change(request.path_params["group_id"], subject, members)
        return json_response(views.group_row(self._network.state, group))

    async def _group_in(self, request: Request) -> tuple[str, list[str]]:
        fields = await fields_of(request)
        numbers = fields.texts("participants", limit=NUMBER_LIMIT, most=MEMBERS_LIMIT)
        return fields.text("subject", limit=SUBJECT_LIMIT), [digits_of(number) for number in numbers]


def _digits(request: Request) -> str:
    return digits_of(request.path_params["number"])
